# expect: input | getattr
import builtins
getattr(builtins, 'in' + 'put')()
