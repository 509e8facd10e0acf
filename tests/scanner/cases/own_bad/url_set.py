# expect: url-literal | set
U={"http://evil.example"}
