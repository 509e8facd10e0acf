# expect: urlopen | net 13
from urllib.request import *
urlopen("http://evil.example")
