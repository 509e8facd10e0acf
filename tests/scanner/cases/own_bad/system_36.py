# expect: os-system | system 36
import os
getattr(os,"sys" if 1 else "x")
getattr(os,("a","system")[1])("x")
