# expect: url-literal | ann class
class A:
    u: str = "http://evil.example"
