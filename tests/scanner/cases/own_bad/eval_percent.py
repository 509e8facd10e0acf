# expect: eval | percent format
import builtins
getattr(builtins, '%s%s' % ('ev', 'al'))('1')
