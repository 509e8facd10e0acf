# expect: subprocess | shell from a variable
import subprocess
yes = not False
subprocess.run('true', shell=yes)
