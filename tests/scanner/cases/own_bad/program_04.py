# expect: subprocess | program 4
import subprocess
subprocess.run([*["sh","-c"],"x"])
