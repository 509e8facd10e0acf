# expect: none | ordinary code
import urllib.parse as p
print(p.urlencode({"a":1}),p.urljoin("/a","b"))
