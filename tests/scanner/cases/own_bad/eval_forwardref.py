# expect: eval | ForwardRef._evaluate
from typing import ForwardRef
ForwardRef("print(1)")._evaluate({}, {}, frozenset())
