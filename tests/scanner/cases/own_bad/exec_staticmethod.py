# expect: exec | staticmethod
class A:
    go = staticmethod(exec)
A.go('1')
