# expect: os-system | module in a dict
import os
d = {}
d['m'] = os
d['m'].system('true')
