# expect: os-system | setattr on a module
import os, math
setattr(math, "go", os.system)
math.go("id")
