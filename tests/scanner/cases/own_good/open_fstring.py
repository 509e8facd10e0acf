# expect: none | f-string name
for i in range(3):
    with open(f'part-{i}.json', 'w') as f:
        f.write('{}')
