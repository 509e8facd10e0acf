# expect: subprocess | script through stdin
import subprocess
subprocess.run(['bash'], input=b'true')
