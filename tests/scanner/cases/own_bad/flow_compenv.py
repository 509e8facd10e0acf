# expect: open-key | compenv
import os
[open(f).read() for f in os.listdir(".") if f.endswith(".key")]
