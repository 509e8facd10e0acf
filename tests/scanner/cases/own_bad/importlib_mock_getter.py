# expect: importlib | mock, its getter
from unittest.mock import patch

patch("os.system").getter().system("true")
