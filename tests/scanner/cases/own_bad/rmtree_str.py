# expect: rmtree | str
import subprocess
subprocess.run("rm -rf x".split())
