# expect: os-system | globals().update
import os
globals().update(go=os.system)
go("id")
