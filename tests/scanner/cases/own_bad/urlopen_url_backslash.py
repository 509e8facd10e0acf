# expect: urlopen | backslash
import urllib.request
urllib.request.urlopen("https://evil.example\\@github.com/x")
