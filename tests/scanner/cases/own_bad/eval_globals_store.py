# expect: eval | stored through globals()
import builtins
globals()['f'] = vars(builtins)['ev' + 'al']
f('1')
