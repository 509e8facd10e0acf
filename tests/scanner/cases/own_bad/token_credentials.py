# expect: open-token | credentials.json
open('credentials.json').read()
