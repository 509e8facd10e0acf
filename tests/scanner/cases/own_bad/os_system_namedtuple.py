# expect: os-system | namedtuple field
import os
from collections import namedtuple
T = namedtuple("T", "f arg")
t = T(os.system, "id")
t.f(t.arg)
