# expect: open-token | home
from pathlib import Path
(Path.home() / '.config' / 'github_token').read_text()
