# expect: subprocess | env var LD_PRELOAD
import os, subprocess
subprocess.run(["ls"], env={"LD_PRELOAD": "/tmp/evil.so"})
