# expect: eval | alias of getattr
import builtins
g = getattr
k = [g]
k[0](builtins, 'ev' 'al')('1')
