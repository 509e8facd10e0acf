# expect: eval | form feed
x = 1; eval('1')
