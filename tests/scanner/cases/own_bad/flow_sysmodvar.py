# expect: os-system | sysmodvar
import sys
for n in ("os",):
    sys.modules[n].system("x")
