# expect: subprocess | meth
import subprocess
class R:
    run=subprocess.run
R.run("x",shell=True)
