# expect: eval | except branch
try:
    f = missing
except NameError:
    f = eval
f('1')
