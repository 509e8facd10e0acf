# expect: subprocess | cls
from subprocess import Popen
P=type("P",(Popen,),{})
P(["true"])
