# expect: rmtree | recursive glob
import glob, os
for p in glob.glob('x/**', recursive=True):
    os.unlink(p)
