# expect: subprocess | impfromstar
from subprocess import *
run("x",shell=True)
