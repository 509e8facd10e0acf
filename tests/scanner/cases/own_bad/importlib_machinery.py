# expect: importlib | machinery
from importlib.machinery import SourceFileLoader
SourceFileLoader('x', 'x.py').load_module()
