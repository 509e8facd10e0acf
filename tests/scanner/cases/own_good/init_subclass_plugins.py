# expect: none | init subclass plugins
class Base:
    subclasses = []
    def __init_subclass__(cls, *, kind="", **kw):
        super().__init_subclass__(**kw)
        cls.kind = kind
        Base.subclasses.append(cls)
class Csv(Base, kind="csv"):
    pass
print([c.kind for c in Base.subclasses])
