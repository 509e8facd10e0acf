# expect: os-system | globals of a function of os
import os
os.walk.__globals__['system']('true')
