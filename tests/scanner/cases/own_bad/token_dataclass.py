# expect: open-token | dataclass
from dataclasses import dataclass
@dataclass
class C:
    p: str = "api_token.txt"
open(C().p)
