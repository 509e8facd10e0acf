# expect: subprocess | dataclass
import subprocess
from dataclasses import dataclass
@dataclass
class A:
    f: object = subprocess.run
A().f("x", shell=True)
