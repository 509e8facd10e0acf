# expect: subprocess | update
import subprocess
kw={}
kw.update(shell=True)
subprocess.run("x",**kw)
