# expect: os-system | system 4
import os
vars(os).__getitem__("system")("x")
