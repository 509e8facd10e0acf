# expect: os-system | strmeth
import os
getattr(os,str.join("",["sys","tem"]))("x")
