# expect: subprocess | xargs
import subprocess
subprocess.run(["xargs","sh","-c"],input="x",text=True)
