# expect: os-system | loop over modules
import os, sys
for m in (sys, os):
    if hasattr(m, 'system'):
        m.system('true')
