# expect: rmtree | ignore
import shutil
def c(p, rm=shutil.rmtree): rm(p)
c("x")
