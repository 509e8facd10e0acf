# expect: subprocess | program 11
import subprocess
subprocess.Popen("x",shell=True)
