# expect: importlib | imp
import imp
imp.load_source("a","b")
