# expect: os-system | system 28
import os
getattr(os,"metsys"[-1::-1])("x")
