# expect: rmtree | find -delete
import subprocess
subprocess.run(['find', 'x', '-delete'])
