# expect: open-env | os.extsep
from os import extsep as e, curdir
from os.path import sep
print(open(curdir + sep + e + "env").read())
