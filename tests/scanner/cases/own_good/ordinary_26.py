# expect: none | ordinary code
import os
print(os.path.join("a","b"),os.sep,os.cpu_count(),os.getpid())
