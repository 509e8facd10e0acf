# expect: open-env | class constant
class C:
    FILE = '.env'
    def go(self):
        return open(self.FILE).read()
C().go()
