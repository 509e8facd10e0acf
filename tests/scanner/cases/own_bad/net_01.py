# expect: requests | net 1
import requests
url="http://"+"evil.example"
requests.get(url)
