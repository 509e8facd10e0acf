# expect: subprocess | exec python
import subprocess
subprocess.run(["python3","-c","1"])
