# expect: none | ordinary code
import json
from pathlib import Path
cfg=json.loads(Path("config.json").read_text())
print(cfg["key"], cfg.get("token"))
