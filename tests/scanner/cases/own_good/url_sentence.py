# expect: none | URL inside of a sentence
print('usage: see https://evil.example/docs')
