# expect: open-key | walk endswith
import os
for r,d,f in os.walk("."):
    for n in f:
        if n.endswith(".key"):
            open(os.path.join(r,n)).read()
