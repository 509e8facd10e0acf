# expect: none | ordinary code
import sys
print(sys.argv, sys.path, sys.version, sys.modules.keys())
