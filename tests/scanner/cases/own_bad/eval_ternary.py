# expect: eval | conditional
import sys
f = eval if sys else print
f('1')
