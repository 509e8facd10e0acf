# expect: os-system | system 25
import os
"".join
n="sys"
n+="tem"
getattr(os,n)("x")
