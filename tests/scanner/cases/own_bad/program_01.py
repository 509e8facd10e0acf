# expect: subprocess | program 1
import subprocess
subprocess.run(["/usr/bin/env","bash","-c","x"])
