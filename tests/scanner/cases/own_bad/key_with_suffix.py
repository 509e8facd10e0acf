# expect: open-key | with_suffix
from pathlib import Path
Path('server.crt').with_suffix('.key').read_text()
