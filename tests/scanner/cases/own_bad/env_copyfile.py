# expect: open-env | copyfile
from shutil import copyfile
copyfile('.env', 'x')
