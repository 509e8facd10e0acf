# expect: os-system | cached_property
from functools import cached_property
import os
class A:
    @cached_property
    def go(self):
        return getattr(os, "sys" + "tem")
A().go("id")
