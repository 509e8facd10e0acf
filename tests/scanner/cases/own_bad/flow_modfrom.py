# expect: os-system | modfrom
from shutil import os as o
o.system("x")
