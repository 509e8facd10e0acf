# expect: urlopen | http var
import http.client as h
c=h.HTTPConnection("evil.example")
c.request("GET","/")
