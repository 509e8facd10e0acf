# expect: open-env | pathparts
from pathlib import Path
Path("a","b",".env").open()
