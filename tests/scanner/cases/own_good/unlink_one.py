# expect: none | Path.unlink
from pathlib import Path
Path('out.txt').unlink(missing_ok=True)
