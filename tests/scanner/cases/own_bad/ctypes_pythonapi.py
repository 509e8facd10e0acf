# expect: ctypes | pythonapi
import ctypes as c
c.pythonapi.Py_Exit
