# expect: eval | generator send
def worker():
    f = yield
    f("1+1")
g = worker()
next(g)
g.send(eval)
