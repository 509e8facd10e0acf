# expect: exec | type of a function
c = compile('1', 'x', 'exec')
type(lambda: 0)(c, {})()
