# expect: exec | code object replaced
def f(): pass
f.__code__ = compile('1', 'x', 'exec')
f()
