# expect: rmtree | rm with single flags
import subprocess
subprocess.call(['rm', '-f', '--recursive', 'x'])
