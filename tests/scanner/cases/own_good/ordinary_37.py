# expect: none | ordinary code
import tempfile,os
fd,p=tempfile.mkstemp()
os.close(fd)
open(p).read()
os.unlink(p)
