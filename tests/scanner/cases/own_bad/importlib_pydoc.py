# expect: importlib | pydoc.locate
from pydoc import locate
locate('os')
