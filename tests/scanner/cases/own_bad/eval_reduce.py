# expect: eval | reduce
from functools import reduce
reduce(lambda a,f: f(a),[eval],"1")
