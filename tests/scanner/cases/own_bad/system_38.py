# expect: os-system | system 38
import os
getattr(os,max(["abc","system"]))("x")
