# expect: os-system | system 37
import os,binascii
getattr(os,binascii.unhexlify("73797374656d").decode())("x")
