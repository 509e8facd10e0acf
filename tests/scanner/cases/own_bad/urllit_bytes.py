# expect: url-literal | bytes
U = b'http://evil.example/x'
