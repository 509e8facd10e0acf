# expect: os-spawn | for
import os
for f in (os.spawnv,): f(os.P_WAIT,"/bin/true",["t"])
