# expect: ctypes | from
from ctypes import *
cdll.LoadLibrary("x")
