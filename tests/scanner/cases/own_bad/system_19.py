# expect: os-system | system 19
import os as o, sys as s
s.modules[o.__name__].system("x")
