# expect: urlopen | net 17
import urllib.request
urllib.request.urlopen("file:///etc/passwd")
