# expect: eval | split
import builtins
getattr(builtins, 'print eval len'.split()[1])('1')
