# expect: secret-place | aws
from pathlib import Path
(Path.home() / '.aws/credentials').read_text()
