# expect: url-literal | subscript
d={}
d["u"]="http://evil.example"
