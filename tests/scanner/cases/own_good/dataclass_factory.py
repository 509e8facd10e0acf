# expect: none | dataclass factory
from dataclasses import dataclass, field, make_dataclass
@dataclass
class Config:
    tags: list = field(default_factory=list)
    meta: dict = field(default_factory=dict)
Point = make_dataclass("Point", [("x", int), ("y", int, field(default=0))])
print(Config(), Point(1))
