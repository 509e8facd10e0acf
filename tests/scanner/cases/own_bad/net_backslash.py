# expect: requests | backslash
import requests
requests.get('https://github.com\\@evil.example/')
