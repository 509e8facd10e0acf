# expect: none | decorators
import functools, time
def timed(f):
    @functools.wraps(f)
    def inner(*args, **kw):
        began = time.perf_counter()
        try:
            return f(*args, **kw)
        finally:
            print(f.__name__, time.perf_counter() - began)
    return inner
@timed
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(20))
