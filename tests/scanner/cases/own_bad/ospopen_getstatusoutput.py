# expect: os-popen | getstatusoutput
from subprocess import getstatusoutput as g
g('true')
