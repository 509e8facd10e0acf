# expect: open-env | staticmethod
class A:
    @staticmethod
    def read(name, mode):
        return open(name, mode).read()
A.read(".env", "r")
A().read(".env", "r")
