# expect: os-system | setattr2
import os
class A: pass
a=A()
setattr(a,"m",os)
getattr(a,"m").system("x")
