# expect: subprocess | nohup
import subprocess
subprocess.run(["nohup","sh","-c","x"])
