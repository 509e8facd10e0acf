# expect: rmtree | rm sudo
import subprocess
subprocess.run(["sudo","rm","-rf","x"])
