# expect: rmtree | Path.rglob and unlink
from pathlib import Path
for p in Path('x').rglob('*'):
    p.unlink()
