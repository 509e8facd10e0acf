# expect: subprocess | shellstr
import subprocess
k={"shell":True}
k2=dict(k)
subprocess.run("x",**k2)
