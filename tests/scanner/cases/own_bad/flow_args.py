# expect: os-system | args
import os
def f(*a): a[0].system("x")
f(os)
