# expect: url-literal | implicit
U=("http://" "evil.example")
