# expect: os-system | gen
import os
def g():
    yield os
for m in g(): m.system("x")
