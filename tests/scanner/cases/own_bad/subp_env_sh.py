# expect: subprocess | env sh -c
import subprocess
subprocess.run(['env', 'A=b', 'sh', '-c', 'true'])
