# expect: exec | __init_subclass__
class Base:
    def __init_subclass__(cls, code="", **kw):
        exec(code)
class Child(Base, code="print(1)"):
    pass
