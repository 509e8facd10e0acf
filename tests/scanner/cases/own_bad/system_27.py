# expect: os-system | system 27
import os
getattr(os,"%c%s"%(115,"ystem"))("x")
