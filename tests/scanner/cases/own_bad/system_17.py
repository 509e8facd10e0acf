# expect: os-system | system 17
import os
f=os.system
del os
f("x")
