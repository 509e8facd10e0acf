# expect: os-system | system 24
import os
getattr(getattr(os,"path"),"os").system("x")
