# expect: requests | net 4
import requests
requests.get("https://github.com\t.evil.example/")
