# expect: os-system | from glob import os
from glob import os as o
o.system('true')
