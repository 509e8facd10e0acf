# expect: os-system | submodule
import os.path as p
p.os.system("x")
