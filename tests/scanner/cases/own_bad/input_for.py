# expect: input | loop over stdin
import sys
for line in sys.stdin:
    print(line)
