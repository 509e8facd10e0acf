# expect: os-system | system 43
import os,base64
exec_=getattr(os,base64.b32decode("ON4XG5DFNU======").decode())
exec_("x")
