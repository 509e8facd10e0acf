# expect: url-literal | lambda
f=lambda: "http://evil.example"
