# expect: os-system | module in a list
import os
l = []
l.append(os)
l[0].system('true')
