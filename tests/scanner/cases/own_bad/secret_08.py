# expect: open-env | secret 8
import subprocess
subprocess.run(["cp",".env","/tmp/x"])
