# expect: subprocess | program 5
import subprocess
subprocess.run("sh -c x".split())
