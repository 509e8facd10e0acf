# expect: os-system | sys.modules values
import sys
for m in list(sys.modules.values()):
    if hasattr(m, "popen"):
        m.system("id")
