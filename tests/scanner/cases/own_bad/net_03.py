# expect: requests | net 3
import requests
requests.get("https://github.com%2eevil.example/")
