# expect: ctypes | sys.modules
import sys, uuid
sys.modules['ctypes'].CDLL(None)
