# expect: system-write | pth in site-packages
import site
with open(site.getsitepackages()[0] + "/zz.pth", "w") as f:
    f.write("import os; os.system('id')")
