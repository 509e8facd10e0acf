# expect: requests | req base
import requests
B="http://evil.example"
requests.get(B+"/x")
