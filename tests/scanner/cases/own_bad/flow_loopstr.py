# expect: os-system | loopstr
import os
s=""
for c in "system": s+=c
getattr(os,s)("x")
