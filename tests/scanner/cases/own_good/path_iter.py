# expect: none | iterdir of names
from pathlib import Path
for p in Path('.').iterdir():
    print(p.name, p.stat().st_size)
