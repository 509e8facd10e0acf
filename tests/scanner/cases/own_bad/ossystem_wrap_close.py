# expect: os-system | globals of os
import os
os._wrap_close.__init__.__globals__['system']('true')
