# expect: requests | localhost
import requests
requests.get('http://localhost:8000/')
