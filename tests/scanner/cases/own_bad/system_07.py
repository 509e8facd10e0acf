# expect: os-system | system 7
import importlib,os
importlib.reload(os).system("x")
