# expect: input | lambda
f=lambda: input()
f()
