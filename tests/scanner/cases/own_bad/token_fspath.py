# expect: open-token | fspath
import os
from pathlib import Path
open(os.fspath(Path("api_token.txt")))
