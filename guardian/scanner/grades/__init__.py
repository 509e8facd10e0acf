"""How a use of a sensitive name is graded, by its arguments. A rule's entry names its grade; `GRADES` has them all, put
together from the files of this folder."""

from guardian.scanner.grades import code, files, network, programs
from guardian.scanner.grades.base import Context, Found, Grade

_GROUPS = (code, programs, files, network)
GRADES: dict[str, Grade] = {
    name: grade
    for group in _GROUPS
    for name, grade in vars(group).items()
    if not name.startswith("_") and getattr(grade, "__module__", "") == group.__name__
}
GRADES["call"] = code.always

__all__ = ["GRADES", "Context", "Found"]
