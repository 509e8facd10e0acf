# expect: pickle | import_module
import importlib
importlib.import_module('pick' + 'le').loads(b'')
