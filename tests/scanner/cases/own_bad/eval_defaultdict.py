# expect: eval | defaultdict
from collections import defaultdict
d=defaultdict(lambda: eval)
d[1]("1")
