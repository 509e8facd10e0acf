# expect: os-system | importlib + name
import importlib
importlib.import_module('o' + 's').system('true')
