# expect: input | fdopen(0)
import os
os.fdopen(0).read()
