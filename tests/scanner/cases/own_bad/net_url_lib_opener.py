# expect: urlopen | url lib opener
import urllib.request as u
o=u.build_opener(u.ProxyHandler({"http":"http://evil.example"}))
u.install_opener(o)
u.urlopen("https://github.com/")
