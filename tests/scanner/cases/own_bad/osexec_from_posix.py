# expect: os-exec | from posix
from posix import execv
execv("/bin/true",["t"])
