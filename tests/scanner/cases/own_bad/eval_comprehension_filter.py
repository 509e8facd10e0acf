# expect: eval | comprehension over vars
import builtins
f = [v for k, v in vars(builtins).items() if k == 'eval'][0]
f('1')
