# expect: eval | lower
import builtins
getattr(builtins, 'EVAL'.lower())('1')
