# expect: eval | global statement
def a():
    global f
    f = eval
a()
f('1')
