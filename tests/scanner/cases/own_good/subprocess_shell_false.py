# expect: none | shell False
import subprocess
subprocess.check_output(['ls', '-la'], shell=False)
