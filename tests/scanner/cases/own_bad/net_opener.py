# expect: urlopen | build_opener
import urllib.request as u
u.build_opener().open('http://evil.example/')
