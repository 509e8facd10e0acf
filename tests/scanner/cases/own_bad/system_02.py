# expect: os-system | system 2
import os
type(os).__getattribute__(os,"system")("x")
