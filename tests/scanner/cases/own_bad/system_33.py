# expect: os-system | system 33
import os
getattr(os,"SYSTEM".casefold())("x")
