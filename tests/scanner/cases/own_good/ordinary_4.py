# expect: none | ordinary code
from pathlib import Path
out=Path("out")
out.mkdir(exist_ok=True)
(out/"a.txt").write_text("x")
for p in out.glob("*.txt"): print(p.read_text())
