# expect: none | URL in a comment
x = 1  # http://evil.example/x
