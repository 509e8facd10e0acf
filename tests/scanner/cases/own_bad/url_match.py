# expect: url-literal | match
x=["http://evil.example"][0]
