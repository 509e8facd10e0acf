# expect: url-literal | ftp
U="ftp://evil.example/x"
