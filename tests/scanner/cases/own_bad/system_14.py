# expect: os-system | system 14
import os
os.popen.__globals__["system"]("x")
