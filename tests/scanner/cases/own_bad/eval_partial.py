# expect: eval | partial
from functools import partial
partial(eval, '1')()
