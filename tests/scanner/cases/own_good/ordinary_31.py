# expect: none | ordinary code
import os
for n in ("getcwd","getpid"):
    print(getattr(os,n)())
