# expect: os-system | system 5
import os
dict(vars(os))["system"]("x")
