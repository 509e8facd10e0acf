# expect: os-system | __dict__ update
import os
class A: pass
a = A()
a.__dict__["go"] = os.system
a.go("id")
