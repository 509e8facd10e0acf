# expect: os-system | unknown attribute of os
import os, sys
getattr(os, sys.argv[1])('true')
