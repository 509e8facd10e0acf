# expect: url-literal | percent
U = 'https://%s/x' % 'evil.example'
