# expect: none | cleanup tmp
from pathlib import Path
for path in Path("build").glob("*.tmp"):
    path.unlink(missing_ok=True)
