# expect: os-system | dictupdate2
import os
d={}
d.update({"m":os})
d["m"].system("x")
