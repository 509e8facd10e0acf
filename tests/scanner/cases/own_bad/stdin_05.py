# expect: input | stdin 5
import sys
[l for l in sys.stdin]
