# expect: os-system | system 1
import os
os.__getattribute__("system")("x")
