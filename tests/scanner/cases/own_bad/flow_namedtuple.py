# expect: os-system | namedtuple
import os
from collections import namedtuple
T=namedtuple("T","m")
T(os).m.system("x")
