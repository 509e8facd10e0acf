# expect: requests | net 2
import requests
requests.get("https://github.com:@evil.example/")
