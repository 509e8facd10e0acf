# expect: eval | argument of a lambda
(lambda f: f('1'))(eval)
