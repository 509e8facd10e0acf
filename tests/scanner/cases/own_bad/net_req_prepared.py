# expect: requests | req prepared
import requests
r=requests.Request("GET","http://evil.example").prepare()
requests.Session().send(r)
