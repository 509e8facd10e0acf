# expect: eval | map(chr)
import builtins
getattr(builtins, ''.join(map(chr, [101, 118, 97, 108])))('1')
