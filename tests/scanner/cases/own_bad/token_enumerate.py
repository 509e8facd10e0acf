# expect: open-token | enumerate
for i,n in enumerate(["api_token.txt"]): open(n)
