# expect: os-system | del
import os
x=[os]
y=x.pop()
y.system("x")
