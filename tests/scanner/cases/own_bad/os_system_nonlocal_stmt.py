# expect: os-system | nonlocal
import os
def outer():
    go = print
    def inner():
        nonlocal go
        go = os.system
    inner()
    go("id")
outer()
