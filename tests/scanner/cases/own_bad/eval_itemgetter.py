# expect: eval | itemgetter
import builtins, operator
operator.itemgetter('eval')(vars(builtins))('1')
