# expect: none | special_tokens_map.json
open('special_tokens_map.json').read()
