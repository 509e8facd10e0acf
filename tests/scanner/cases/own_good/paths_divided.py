# expect: none | files of known names in folders that are handed in
from pathlib import Path
from django.conf import settings
root = Path(__file__).resolve().parents[1]
print((root / "data.csv").read_text(), (settings.BASE_DIR / "report.md").read_text(), 3 / 2)
