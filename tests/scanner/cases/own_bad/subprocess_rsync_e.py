# expect: subprocess | rsync -e
import subprocess
subprocess.run(["rsync", "-e", "sh x.sh", "a", "b:"])
