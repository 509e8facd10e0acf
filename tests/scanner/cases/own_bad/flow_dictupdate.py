# expect: os-system | dictupdate
import os
d={}
d.update(m=os)
d["m"].system("x")
