# expect: importlib | inspect.importlib
import inspect as i
i.importlib.import_module('os')
