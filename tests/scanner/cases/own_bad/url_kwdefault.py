# expect: url-literal | kwdefault
def f(*,u="http://evil.example"): pass
