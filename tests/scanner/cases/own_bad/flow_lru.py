# expect: os-system | lru
import os,functools
@functools.lru_cache
def f(): return os
f().system("x")
