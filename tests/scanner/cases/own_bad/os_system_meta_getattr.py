# expect: os-system | metaclass __getattr__
import os
class Meta(type):
    def __getattr__(cls, name):
        return getattr(os, name)
class Sys(metaclass=Meta):
    pass
Sys.system("id")
