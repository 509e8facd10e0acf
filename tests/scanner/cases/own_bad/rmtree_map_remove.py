# expect: rmtree | map over a walk
import os
from pathlib import Path
list(map(os.remove, Path('x').rglob('*')))
