# expect: none | ordinary code
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from subprocess import Popen
def f(p: "Popen") -> None: ...
