# expect: none | ordinary code
tokens="a b".split()
keys=list({"a":1}.keys())
print(tokens,keys)
