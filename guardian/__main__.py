"""`python -m guardian`: the `guardian` program."""

from guardian.cli.main import main

main()
