# expect: requests | httpxreq
import httpx
httpx.request("GET","http://evil.example")
