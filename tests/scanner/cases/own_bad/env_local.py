# expect: open-env | .env.local
from pathlib import Path
Path('.env.local').read_text()
