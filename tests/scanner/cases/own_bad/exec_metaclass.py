# expect: exec | metaclass attribute
class M(type):
    __getitem__ = exec
class A(metaclass=M): pass
A['1']
