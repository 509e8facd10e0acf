# expect: importlib | zipimport
import zipimport
zipimport.zipimporter('x.zip').load_module('x')
