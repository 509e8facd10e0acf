# expect: requests | proxy env of trusted host
import requests
s = requests.Session()
s.proxies = {"https": "http://evil.example:3128"}
s.get("https://github.com/x")
