"""The worker's health probe in a container: `python -m worker.health [ROLE [NODE]]`. Exit code 0: well, 1: why not."""

import sys

from guardian.runtime.health import probe

sys.exit(probe("worker", *sys.argv[1:]))
