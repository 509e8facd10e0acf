# expect: os-system | system 41
import os
class N:
    v="system"
getattr(os,N.v)("x")
