# expect: subprocess | perl
import subprocess
subprocess.run(["perl","-e","1"])
