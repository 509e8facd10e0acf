"""The worker's entry point in a container: `python -m worker [options of guardian worker]`."""

import sys

from guardian.cli.main import main

sys.argv.insert(1, "worker")
main()
