# expect: os-system | system 18
from os import (system as
  s)
s("x")
