# expect: kill | pkill
import subprocess
subprocess.run(['pkill', '-f', 'agent'])
