# expect: url-literal | repl
U="hxxp://evil.example".replace("xx","tt")
