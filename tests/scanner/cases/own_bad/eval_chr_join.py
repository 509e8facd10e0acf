# expect: eval | chr and join
import builtins
f = getattr(builtins, ''.join(chr(c) for c in (101, 118, 97, 108)))
f('1')
