# expect: os-system | selfdict
import os
class A:
    def __init__(self): self.__dict__["m"]=os
    def go(self): self.m.system("x")
A().go()
