# expect: rmtree | from import alias
from shutil import rmtree as clean
clean('x')
