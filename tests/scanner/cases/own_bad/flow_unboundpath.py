# expect: open-env | unboundpath
from pathlib import Path
Path.read_text(Path(".env"))
