# expect: none | partial of print
from functools import partial
p = partial(print, end='')
p('x')
