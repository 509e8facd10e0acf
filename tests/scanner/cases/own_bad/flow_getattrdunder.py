# expect: os-system | getattrdunder
import os
class A:
    def __getattr__(self,n): return getattr(os,n)
A().system("x")
