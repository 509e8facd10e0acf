# expect: subprocess | program 16
import subprocess
subprocess.check_output(["powershell","-EncodedCommand","x"])
