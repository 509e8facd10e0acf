# expect: os-system | make_dataclass bad field default factory
import dataclasses, os
C = dataclasses.make_dataclass("C", [("x", int, dataclasses.field(default_factory=lambda: os.system("id")))])
C()
