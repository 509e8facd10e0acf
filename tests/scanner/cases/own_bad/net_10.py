# expect: requests | net 10
import requests
requests.get("https://github.com#@evil.example/")
