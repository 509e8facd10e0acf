# expect: subprocess | program 10
from subprocess import run
run(["node","-e","1"])
