# expect: url-literal | yield
def f():
    yield "http://evil.example"
