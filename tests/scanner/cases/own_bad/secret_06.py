# expect: open-env | secret 6
from pathlib import Path
Path(".env").rename("x")
