# expect: none | isatty
import sys
if sys.stdin.isatty():
    print('terminal')
