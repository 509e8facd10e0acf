# expect: open-env | Path.glob
from pathlib import Path
for p in Path('.').glob('*.env'):
    p.read_text()
