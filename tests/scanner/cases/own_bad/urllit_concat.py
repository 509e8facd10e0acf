# expect: url-literal | concatenation
H = 'evil.example'
U = 'http://' + H + '/x'
