# expect: os-system | system 42
import os
name,_="system",1
getattr(os,name)("x")
