# expect: requests | httpx
import httpx
httpx.get('http://evil.example/')
