# expect: none | walk sizes
import os
total = 0
for root, dirs, files in os.walk("data"):
    dirs[:] = [d for d in dirs if not d.startswith(".")]
    total += sum(os.path.getsize(os.path.join(root, f)) for f in files)
print(total)
