# expect: urlopen | sock ex
import socket as s
x=s.socket(s.AF_INET)
x.connect_ex(("evil.example",1))
