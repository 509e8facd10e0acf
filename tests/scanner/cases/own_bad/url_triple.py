# expect: url-literal | triple
U="""http://evil.example/x"""
