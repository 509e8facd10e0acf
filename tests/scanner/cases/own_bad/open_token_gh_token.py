# expect: open-token | gh auth token
import subprocess
subprocess.check_output(["gh", "auth", "token"])
