# expect: subprocess | find -exec
import subprocess
subprocess.run(['find', '.', '-exec', 'true', ';'])
