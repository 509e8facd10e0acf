# expect: rmtree | shlex
import subprocess,shlex
subprocess.run(shlex.split("rm -rf x"))
