# expect: importlib | meta_path
import sys
sys.meta_path[0].find_spec('os').loader.load_module('os')
