# expect: importlib | getattr
import pkgutil
getattr(pkgutil,"get_loader")("os")
