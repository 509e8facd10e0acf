# expect: subprocess | posixshell
import subprocess
subprocess.run("x", shell=bool(1))
