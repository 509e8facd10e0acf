# expect: open-key | tar
import tarfile
t=tarfile.open("x.tar","w")
t.add("server.key")
