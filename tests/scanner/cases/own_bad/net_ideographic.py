# expect: requests | U+3002
import requests
requests.get('https://github.com。evil.example/')
