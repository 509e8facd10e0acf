# expect: requests | urlparam
import requests
def get(u): return requests.get(u)
get("http://evil.example/")
