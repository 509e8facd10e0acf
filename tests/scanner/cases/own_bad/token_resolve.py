# expect: open-token | resolve
from pathlib import Path
open(str(Path("api_token.txt").resolve()))
