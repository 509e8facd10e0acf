# expect: urlopen | xmlrpc
import xmlrpc.client as x
x.ServerProxy('http://evil.example/')
