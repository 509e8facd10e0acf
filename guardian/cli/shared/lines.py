"""Lines on stdout and stderr, for what has to do without click: it takes as long to load as a scan."""

import sys


def out(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def err(text: str, *, end: str = "\n") -> None:
    """Seen at once, and after what went to stdout before."""
    sys.stdout.flush()
    sys.stderr.write(text + end)
    sys.stderr.flush()
