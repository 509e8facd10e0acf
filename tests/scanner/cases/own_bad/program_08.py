# expect: subprocess | program 8
import subprocess
getattr(subprocess,"run")("x",shell=True)
