# expect: url-literal | class
class A:
    U="http://evil.example"
