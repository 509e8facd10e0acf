# expect: url-literal | template
U="http://evil.example/{}".format(1)
