# expect: url-literal | dict
C = {'u': 'https://evil.example/x'}
