# expect: os-system | kwonly
import os
def f(*, m=os): m.system("x")
f()
