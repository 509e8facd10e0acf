# expect: urlopen | net 12
import urllib.request
urllib.request.urlopen(url="http://evil.example")
