# expect: unknown-path | listing
import os
for f in os.listdir('.'):
    open(f).read()
