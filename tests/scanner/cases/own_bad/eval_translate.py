# expect: eval | maketrans
import builtins
getattr(builtins, 'abcd'.translate(str.maketrans('abcd', 'eval')))('1')
