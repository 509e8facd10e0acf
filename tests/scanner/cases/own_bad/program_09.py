# expect: subprocess | program 9
import subprocess
subprocess.run("x",-1,None,None,None,None,None,True,True)
