# expect: os-system | system 39
import os
def n(): return "system"
getattr(os,n())("x")
