# expect: eval | shadowed only later
eval('1')
def eval(x): return x
