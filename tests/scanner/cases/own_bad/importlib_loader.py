# expect: importlib | __loader__
__loader__.load_module('os')
