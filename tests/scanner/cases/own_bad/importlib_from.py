# expect: importlib | from
from importlib import import_module as m
m("os")
