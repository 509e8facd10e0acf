"""The scheduler's health probe in a container: `python -m beat.health`. Exit code 0: it ticks, 1: why not."""

import sys

from guardian.runtime.health import probe

sys.exit(probe("beat"))
