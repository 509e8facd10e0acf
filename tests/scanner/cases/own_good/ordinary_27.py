# expect: none | ordinary code
def load(x): return x
def loads(x): return x
load(1); loads(2)
