# expect: ctypes | multiprocessing.sharedctypes.ctypes
from multiprocessing import sharedctypes
sharedctypes.ctypes.CDLL(None)
