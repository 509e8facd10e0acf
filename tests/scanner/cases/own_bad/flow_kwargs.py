# expect: os-system | kwargs
import os
def f(**k): k["m"].system("x")
f(m=os)
