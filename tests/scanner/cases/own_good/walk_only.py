# expect: none | os.walk to count
import os
n = 0
for root, dirs, files in os.walk('.'):
    n += len(files)
print(n)
