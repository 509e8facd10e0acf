# expect: subprocess | wrapper with **kwargs
import subprocess
def sh(c, **kw):
    return subprocess.run(c, **kw)
sh('true', shell=True)
