# expect: open-webhook | glob
from pathlib import Path
for p in Path(".").glob("*webhook*.json"): p.read_text()
