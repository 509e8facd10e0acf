# expect: eval | or
f = None or eval
f('1')
