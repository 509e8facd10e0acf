# expect: urlopen | urllib3
import urllib3
urllib3.PoolManager().request('GET', 'http://evil.example/')
