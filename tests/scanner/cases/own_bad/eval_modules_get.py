# expect: eval | sys.modules.get
import sys
getattr(sys.modules.get('builtins'), 'eval')('1')
