# expect: none | is it alive
import os
os.kill(os.getpid(), 0)
