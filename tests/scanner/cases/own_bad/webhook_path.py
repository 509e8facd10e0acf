# expect: open-webhook | Path /
from pathlib import Path
(Path('config') / 'webhooks.json').open().read()
