# expect: requests | net 5
import requests
requests.get("//evil.example/x")
