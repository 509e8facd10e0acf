# expect: ctypes | uuid
import importlib
importlib.import_module("_ct"+"ypes").dlopen(None,2)
