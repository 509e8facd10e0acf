# expect: eval | latin-1 cookie -*- coding: latin-1 -*-
x = 'é'
eval('1')
