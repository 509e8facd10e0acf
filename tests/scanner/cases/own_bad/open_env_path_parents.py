# expect: open-env | parents
from pathlib import Path
print((Path(__file__).resolve().parents[1] / ".env").read_text())
