# expect: open-env | partialpath
from functools import partial
from pathlib import Path
rd=partial(Path.read_text, Path(".env"))
rd()
