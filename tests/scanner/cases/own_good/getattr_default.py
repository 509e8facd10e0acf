# expect: none | getattr on own object
class A: pass
for n in dir(A):
    print(getattr(A, n, None))
