# expect: os-system | with
import os
from contextlib import contextmanager
@contextmanager
def c():
    yield os
with c() as m:
    m.system('true')
