# expect: requests | with Session
import requests
with requests.Session() as s:
    s.get('http://evil.example/')
