# expect: eval | reduce(getattr)
import functools, sys
functools.reduce(getattr, ['modules'], sys)['builtins'].eval('1')
