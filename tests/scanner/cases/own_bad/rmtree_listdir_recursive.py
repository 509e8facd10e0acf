# expect: rmtree | own recursion
import os
def clear(d):
    for e in os.scandir(d):
        if e.is_dir():
            clear(e.path)
        else:
            os.remove(e.path)
    os.rmdir(d)
clear('x')
