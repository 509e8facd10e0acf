# expect: none | keyword named input
import subprocess
subprocess.run(['sort'], input='b\na\n', text=True, check=True)
