# expect: os-system | loopstr2
import os
s=""
for c in [115,121,115,116,101,109]: s+=chr(c)
getattr(os,s)("x")
