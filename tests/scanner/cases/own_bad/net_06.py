# expect: requests | net 6
import requests
requests.get("http:/\\evil.example")
