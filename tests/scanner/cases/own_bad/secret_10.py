# expect: open-key | secret 10
import subprocess
subprocess.run(["cat","server.key"],capture_output=True)
