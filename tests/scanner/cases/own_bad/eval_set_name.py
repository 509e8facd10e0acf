# expect: eval | __set_name__
class Hook:
    def __init__(self, f):
        self.f = f
    def __set_name__(self, owner, name):
        self.f(name)
class Host:
    dangerous = Hook(eval)
