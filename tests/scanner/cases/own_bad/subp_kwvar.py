# expect: subprocess | kwvar
import subprocess
kw={}
kw["shell"]=True
subprocess.run("x",**kw)
