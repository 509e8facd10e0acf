# expect: os-system | getitemdunder
import os
class A:
    def __getitem__(self,n): return getattr(os,n)
A()["system"]("x")
