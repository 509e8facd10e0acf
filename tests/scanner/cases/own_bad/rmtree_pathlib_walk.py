# expect: rmtree | pathlib walk
from pathlib import Path
for r,d,f in Path("x").walk(top_down=False):
    for n in f: (r/n).unlink()
    r.rmdir()
