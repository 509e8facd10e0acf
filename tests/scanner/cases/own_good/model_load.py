# expect: none | own load
class Store:
    def load(self, name): return name
    def loads(self, x): return x
Store().load('x')
Store().loads('y')
