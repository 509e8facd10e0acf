# expect: requests | map
import requests
list(map(requests.get, ['http://evil.example/']))
