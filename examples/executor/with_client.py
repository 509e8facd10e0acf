"""An executor with Guardian's client: `python with_client.py STATE_DIRECTORY SCRIPT [ARGUMENT ...]`.

`client.scan` never raises: without an answer the verdict is block. A script that is blocked, and lies in one of the
quarantine roots, is gone afterwards, so that it is not met again.
"""

import os
import sys

from guardian import client
from guardian.host.run_script import Limits, clean, run


def main() -> int:
    state, script, *arguments = sys.argv[1:]
    scanned = client.scan(script, agent="executor", state=state)
    for found in scanned.findings:
        print(f"{script}:{found.line}: {found.rule} {found.message}", file=sys.stderr)
    if not scanned.allowed or scanned.source is None:
        return 1
    return run(scanned.source, script, arguments, Limits(seconds=600), clean(os.environ))


if __name__ == "__main__":
    sys.exit(main())
