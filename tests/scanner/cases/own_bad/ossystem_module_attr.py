# expect: os-system | module attr
import sys,os
sys.modules[os.getcwd.__module__].system("x")
