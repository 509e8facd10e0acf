# expect: eval | slice with a step
import builtins
getattr(builtins, 'exvxaxlx'[::2])('1')
