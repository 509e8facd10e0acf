# expect: subprocess | with
import subprocess
with subprocess.Popen(["x"]) as p: pass
