# expect: input | stdin 4
import sys
print(*sys.stdin)
