# expect: unreadable | syntax error
x = (
