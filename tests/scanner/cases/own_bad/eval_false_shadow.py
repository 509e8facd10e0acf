# expect: eval | shadowed never
if 0:
    eval = print
eval('1')
