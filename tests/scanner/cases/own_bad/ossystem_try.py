# expect: os-system | try
import os
try:
    s=os.nope
except AttributeError:
    s=os.system
s("x")
