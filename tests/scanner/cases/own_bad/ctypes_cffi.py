# expect: ctypes | cffi
from cffi import FFI
FFI().dlopen(None)
