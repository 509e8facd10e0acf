# expect: open-key | mmap
import os
fd=os.open("id_rsa",0)
os.read(fd,10)
