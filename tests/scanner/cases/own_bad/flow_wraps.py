# expect: os-system | wraps
import os,functools
def d(f):
    @functools.wraps(f)
    def w(*a): return f(*a)
    return w
@d
def m(): return os
m().system("x")
