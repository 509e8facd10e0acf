# expect: subprocess | glimport
import importlib
m=importlib.import_module("subprocess")
m.run("x",shell=True)
