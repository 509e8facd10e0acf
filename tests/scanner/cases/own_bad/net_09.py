# expect: requests | net 9
import requests
requests.get("http://0177.0.0.1/")
