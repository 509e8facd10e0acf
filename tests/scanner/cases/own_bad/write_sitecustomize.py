# expect: system-write | sitecustomize
import shutil
shutil.copy('x.py', '/usr/lib/python3/sitecustomize.py')
