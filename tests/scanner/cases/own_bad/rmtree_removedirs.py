# expect: rmtree | removedirs
import os
os.removedirs("a/b")
