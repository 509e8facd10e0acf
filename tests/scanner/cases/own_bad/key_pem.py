# expect: open-key | pem through Path
from pathlib import Path
Path('certs') .joinpath('private.pem').read_bytes()
