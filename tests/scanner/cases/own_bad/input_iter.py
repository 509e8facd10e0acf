# expect: input | iter
import sys
for l in iter(sys.stdin.readline,""): pass
