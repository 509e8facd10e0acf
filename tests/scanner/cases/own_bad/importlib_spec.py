# expect: importlib | __spec__.loader
import os
os.__spec__.loader.load_module('os')
