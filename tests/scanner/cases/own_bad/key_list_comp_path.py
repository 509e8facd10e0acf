# expect: open-key | list comp path
from pathlib import Path
[p.read_text() for p in Path(".").iterdir() if p.suffix==".key"]
