# expect: subprocess | list built step by step
import subprocess
cmd = ['sh']
cmd += ['-c', 'true']
subprocess.check_call(cmd)
