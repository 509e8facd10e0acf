# expect: os-system | system 21
import os
for k,v in os.__dict__.items():
    if k=="system": v("x")
