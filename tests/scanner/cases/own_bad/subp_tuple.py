# expect: subprocess | tuple
import subprocess
subprocess.run(("bash","-lc","x"))
