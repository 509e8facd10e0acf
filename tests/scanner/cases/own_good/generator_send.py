# expect: none | generator send
def averager():
    total, count, average = 0.0, 0, None
    while True:
        value = yield average
        total += value
        count += 1
        average = total / count
g = averager()
next(g)
for v in (1, 2, 3):
    print(g.send(v))
