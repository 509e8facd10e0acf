# expect: subprocess | program 7
import subprocess as s
f=lambda c,**k: s.run(c,**k)
f("x",shell=True)
