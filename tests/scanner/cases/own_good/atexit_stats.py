# expect: none | atexit stats
import atexit, time, weakref
began = time.monotonic()
atexit.register(lambda: print(f"took {time.monotonic() - began:.1f} s"))
class A: pass
a = A()
weakref.finalize(a, print, "gone")
