# expect: open-env | secret 7
import subprocess
subprocess.run(["grep","X",".env"])
