# expect: eval | map
list(map(eval, ['1', '2']))
