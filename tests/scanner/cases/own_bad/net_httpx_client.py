# expect: requests | httpx client
import httpx
with httpx.Client(base_url='http://evil.example') as c:
    c.get('/x')
