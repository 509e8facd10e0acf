# expect: importlib | from another module
import pkgutil
pkgutil.importlib.import_module('os')
