# expect: urlopen | net 16
import urllib.request
list(map(urllib.request.urlopen,["http://evil.example"]))
