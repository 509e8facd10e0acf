# expect: none | ordinary code
import dataclasses
@dataclasses.dataclass
class A:
    id: int
    input: str = ""
    system: str = "x"
print(A(1).input,A(1).system)
