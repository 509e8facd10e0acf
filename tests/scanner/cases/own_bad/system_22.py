# expect: os-system | system 22
import os
[v for k,v in vars(os).items() if k.startswith("sys")][0]("x")
