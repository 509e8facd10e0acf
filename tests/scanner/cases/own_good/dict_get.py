# expect: none | dict get
d = {'a': 1}
print(d.get('a'), {}.get('post'))
