# expect: requests | reqsess
import requests
class C:
    def __init__(self): self.s=requests.Session()
    def go(self): self.s.get("http://evil.example")
C().go()
