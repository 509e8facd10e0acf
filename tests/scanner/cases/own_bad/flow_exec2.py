# expect: eval | exec2
class A(dict):
    __missing__ = eval
A()["1"]
