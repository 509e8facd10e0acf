# expect: os-system | system 35
import os,codecs
getattr(os,codecs.decode("73797374656d","hex").decode())("x")
