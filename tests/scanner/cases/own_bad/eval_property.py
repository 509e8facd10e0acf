# expect: eval | property
class A:
    @property
    def f(self):
        return eval
A().f('1')
