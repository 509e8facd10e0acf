# expect: open-token | secret 19
from pathlib import Path
for p in Path(".").rglob("*token*"): p.read_text()
