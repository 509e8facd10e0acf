# expect: none | scheme test
def ok(u):
    return u.startswith(('http://', 'https://'))
print(ok('x'))
