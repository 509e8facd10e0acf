# expect: requests | net 7
import requests
requests.get("https://GITHUB.COM.evil.example")
