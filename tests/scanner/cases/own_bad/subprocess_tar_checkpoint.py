# expect: subprocess | tar --checkpoint-action
import subprocess
subprocess.run(["tar", "cf", "x.tar", ".", "--checkpoint=1", "--checkpoint-action=exec=sh x.sh"])
