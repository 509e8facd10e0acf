# expect: subprocess | program 6
import os
os.popen.__globals__["__builtins__"]["__import__"]("subprocess").run("x",shell=True)
