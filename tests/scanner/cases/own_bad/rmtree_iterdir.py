# expect: rmtree | iterdir
from pathlib import Path
def d(p):
    for c in p.iterdir():
        d(c) if c.is_dir() else c.unlink()
    p.rmdir()
d(Path("x"))
