# expect: subprocess | popenargs
import subprocess
subprocess.run(args="x",shell=True)
