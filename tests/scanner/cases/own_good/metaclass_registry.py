# expect: none | metaclass registry
class Meta(type):
    registry = {}
    def __new__(mcls, name, bases, ns):
        cls = super().__new__(mcls, name, bases, ns)
        mcls.registry[name] = cls
        return cls
    def __call__(cls, *args):
        return super().__call__(*args)
class Plugin(metaclass=Meta):
    def run(self, text):
        return text.upper()
print(Meta.registry["Plugin"]().run("x"))
