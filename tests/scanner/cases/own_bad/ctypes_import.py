# expect: ctypes | __import__
__import__('ctypes').CDLL(None)
