# expect: os-system | system 34
import os
getattr(os,b"c3lzdGVt".decode("ascii").__class__("system"))("x")
