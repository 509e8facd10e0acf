# expect: requests | req api
import requests.api as a
a.get("http://evil.example")
