# expect: open-env | os.link then read
import os
os.link(".env", "/tmp/x.txt")
print(open("/tmp/x.txt").read())
