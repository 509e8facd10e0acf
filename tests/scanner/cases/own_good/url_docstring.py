# expect: none | URL in a docstring
'''See https://evil.example/docs for more.'''
def f():
    '''http://evil.example/x'''
    return 1
