# expect: none | class tools
class A: pass
class B(A):
    def __init__(self):
        super().__init__()
print(B.__mro__, B.mro(), B.__bases__, type(B()).__name__, isinstance(B(), A))
C = type("C", (A,), {"x": 1, "f": lambda self: self.x})
print(C().f())
