# expect: subprocess | git -c alias
import subprocess
subprocess.run(["git", "-c", "alias.x=!id", "x"])
