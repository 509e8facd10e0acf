# expect: none | word token
token = 'abc'
print(len(token), 'token.json is not read')
