# expect: subprocess | program 12
import subprocess
for f in (subprocess.call,subprocess.run): f("x",shell=True)
