# expect: open-token | secret 9
import subprocess
subprocess.run(["tail","api_token.txt"])
