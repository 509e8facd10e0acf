# expect: url-literal | upper
U="HTTP://EVIL.EXAMPLE/x"
