# expect: requests | req sess request
import requests
requests.Session().request("GET","http://evil.example")
