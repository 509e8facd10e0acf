# expect: open-token | enum
from enum import Enum
class F(Enum):
    T="api_token.txt"
open(F.T.value)
