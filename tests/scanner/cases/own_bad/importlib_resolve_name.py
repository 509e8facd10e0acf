# expect: importlib | pkgutil.resolve_name
import pkgutil
pkgutil.resolve_name('os:getcwd')()
