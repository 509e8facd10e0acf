# expect: url-literal | list
L = ['https://evil.example']
