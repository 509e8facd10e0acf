"""The scheduler's entry point in a container: `python -m beat [options of guardian beat]`."""

import sys

from guardian.cli.main import main

sys.argv.insert(1, "beat")
main()
