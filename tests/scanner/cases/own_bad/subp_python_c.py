# expect: subprocess | python -c
import subprocess, sys
subprocess.run([sys.executable, '-c', 'print(1)'])
