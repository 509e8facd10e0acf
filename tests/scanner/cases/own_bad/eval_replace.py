# expect: eval | replace
import builtins
getattr(builtins, 'e_v_a_l'.replace('_', ''))('1')
