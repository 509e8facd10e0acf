# expect: rmtree | recursive unlink
from pathlib import Path
def wipe(p):
    for c in p.iterdir():
        if c.is_dir():
            wipe(c)
        else:
            c.unlink()
    p.rmdir()
wipe(Path("/srv"))
