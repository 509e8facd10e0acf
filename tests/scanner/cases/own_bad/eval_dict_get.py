# expect: eval | vars().get
import builtins
vars(builtins).get('eval')('1')
