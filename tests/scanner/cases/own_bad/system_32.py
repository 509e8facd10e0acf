# expect: os-system | system 32
import os
getattr(os,"s"+"ys"*1+"tem")("x")
