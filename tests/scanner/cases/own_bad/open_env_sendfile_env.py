# expect: open-env | os.sendfile
import os, socket
f = os.open(".env", os.O_RDONLY)
os.sendfile(1, f, 0, 1000)
