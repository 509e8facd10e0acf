# expect: none | ordinary code
import os
os.remove("a.tmp")
if os.path.exists("b"): os.unlink("b")
