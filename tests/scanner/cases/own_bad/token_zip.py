# expect: open-token | zip
for a,b in zip(["x"],["api_token.txt"]): open(b)
