# expect: os-system | system 23
import os
os.system.__call__("x")
