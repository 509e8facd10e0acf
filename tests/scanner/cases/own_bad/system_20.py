# expect: os-system | system 20
import posix as p
g=p.__dict__
g["system"]("x")
