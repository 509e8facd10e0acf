# expect: eval | continued lines
__builtins__ \
  . \
  eval(
'1')
