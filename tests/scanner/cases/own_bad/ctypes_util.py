# expect: ctypes | ctypes.util
from ctypes.util import find_library
find_library('c')
