# expect: subprocess | cyc
import subprocess as s
a=b
b=a
a=s
b.run("x",shell=True)
a.run("y",shell=True)
