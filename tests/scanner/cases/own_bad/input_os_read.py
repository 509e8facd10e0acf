# expect: input | os.read(0)
import os
os.read(0, 10)
