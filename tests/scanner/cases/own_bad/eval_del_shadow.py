# expect: eval | shadow deleted
eval = print
del eval
eval('1')
