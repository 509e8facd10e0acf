# expect: open-token | token.json
import json
json.load(open('token.json'))
