# expect: url-literal | returned
def f():
    return 'http://evil.example/x'
