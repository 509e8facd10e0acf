# expect: import-dunder | partial
from functools import partial
partial(__import__,"os")()
