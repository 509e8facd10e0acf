# expect: pickle | find class
from pickle import Unpickler as U
class R(U):
    def find_class(self,m,n): return super().find_class(m,n)
