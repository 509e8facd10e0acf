# expect: exec | globals of a lambda
(lambda: 0).__globals__['__builtins__'].exec('1')
