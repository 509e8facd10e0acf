# expect: os-system | dictmap
import os
m={1:"sys",2:"tem"}
getattr(os,m[1]+m[2])("x")
