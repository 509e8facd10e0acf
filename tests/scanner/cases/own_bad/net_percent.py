# expect: requests | percent format
import requests
requests.get('http://%s/x' % 'evil.example')
