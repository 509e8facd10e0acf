# expect: none | getattr on math
import math
for n in ('sin', 'cos'):
    print(getattr(math, n)(1))
