# expect: os-system | system 30
import os
getattr(os,"".join(reversed("metsys")))("x")
