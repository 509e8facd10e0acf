# expect: urlopen | net 14
import urllib
urllib.request.urlopen("http://evil.example")
