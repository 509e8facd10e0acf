# expect: url-literal | join
U = '://'.join(['http', 'evil.example/x'])
