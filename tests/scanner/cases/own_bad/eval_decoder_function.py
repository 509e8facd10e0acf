# expect: eval | a function that decodes
import builtins
def dec(s):
    return ''.join(chr(ord(c) - 1) for c in s)
getattr(builtins, dec('fwbm'))('1')
