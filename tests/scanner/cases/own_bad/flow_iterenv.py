# expect: open-key | iterenv
from pathlib import Path
for p in Path(".").iterdir():
    if p.suffix == ".key": p.read_text()
