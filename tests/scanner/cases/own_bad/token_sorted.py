# expect: open-token | sorted
for n in sorted({"api_token.txt","b"}): open(n)
