# expect: subprocess | program 17
import subprocess
subprocess.run(["cmd","/c","dir"])
