# expect: open-key | open kept in an instance
class R:
    def __init__(self):
        self.o = open
    def go(self):
        return self.o('server.key').read()
R().go()
