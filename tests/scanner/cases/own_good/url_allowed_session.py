# expect: none | Session to an allowed host
import requests
s = requests.Session()
s.headers['x'] = 'y'
s.post('https://discord.com/api/webhooks/1', json={}, timeout=5)
