# expect: open-key | Path.home
from pathlib import Path
(Path.home() / '.ssh' / 'id_ed25519').read_text()
