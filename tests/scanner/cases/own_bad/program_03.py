# expect: subprocess | program 3
import subprocess
subprocess.run(["sh"]+["-c","x"])
