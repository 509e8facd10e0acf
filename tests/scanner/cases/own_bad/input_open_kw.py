# expect: input | open kw
open(file=0)
