# expect: requests | format
import requests
requests.get('{}://{}/'.format('http', 'evil.example'))
