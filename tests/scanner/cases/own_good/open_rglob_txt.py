# expect: none | rglob of txt
from pathlib import Path
for p in Path('data').rglob('*.txt'):
    print(p.read_text())
