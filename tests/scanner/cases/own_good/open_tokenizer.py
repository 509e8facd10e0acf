# expect: none | tokenizer.json
open('tokenizer.json').read()
