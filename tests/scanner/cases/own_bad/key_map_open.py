# expect: open-key | map(open)
list(map(open, ['a.txt', 'server.key']))
