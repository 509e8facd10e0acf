# expect: url-literal | ipv6
U="http://[::1]/"
