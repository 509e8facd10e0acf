# expect: os-system | yieldfrom
import os
def g():
    yield from [os]
for m in g(): m.system("x")
