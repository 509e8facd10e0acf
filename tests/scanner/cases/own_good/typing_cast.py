# expect: none | typing
from typing import Any, cast
x = cast(int, '1')
print(x)
