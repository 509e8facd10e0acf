# expect: url-literal | default argument
def f(u='http://evil.example/x'):
    return u
