# expect: requests | net 11
import requests
requests.get("https://ɡithub.com/")
