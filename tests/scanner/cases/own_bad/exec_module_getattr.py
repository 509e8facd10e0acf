# expect: exec | module __getattr__
import builtins
def __getattr__(n):
    return getattr(builtins, 'ex' + 'ec')
__getattr__('x')('1')
