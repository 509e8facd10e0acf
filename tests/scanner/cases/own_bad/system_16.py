# expect: os-system | system 16
import os
class A:
    __getattr__=os.__getattribute__
A().system("x")
