# expect: os-system | name known in part
import os, sys
getattr(os, 'sys' + sys.argv[1])('true')
