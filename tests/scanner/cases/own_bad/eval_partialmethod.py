# expect: eval | partialmethod
from functools import partialmethod
class A:
    go = partialmethod(eval)
