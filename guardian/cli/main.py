"""`guardian`: the entry. What it can do is in shared/program.py; scans take a shorter way there.

0 ok, 1 something fails, 2 usage or configuration, 3 unknown (the store is away, nothing runs). A command that found
out one of these ends with `sys.exit`.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NoReturn

_BROKEN_PIPE = 128 + 13  # as a shell reports SIGPIPE


def main() -> NoReturn:
    """The program, as `guardian` and `python -m guardian`."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # any path, any terminal
    sys.exit(_outcome(sys.argv[1:]))


def _outcome(arguments: Sequence[str]) -> int:
    """The exit code; what was foreseen is said on stderr."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)
        return _BROKEN_PIPE
    return code


def _run(arguments: Sequence[str]) -> int:
    """`guardian scan` is asked before every script: where only paths are given it does without click, whose start
    takes as long as the scan."""
    if arguments[:1] == ["scan"] and arguments[1:] and all(map(_is_path, arguments[1:])):
        from guardian.cli.shared import scan_plain

        return scan_plain.run(arguments[1:])
    from guardian.cli.shared import program

    return program.run(arguments)


def _is_path(argument: str) -> bool:
    return argument == "-" or not argument.startswith("-")


def _discard(stream: IO[str]) -> None:
    """Nobody reads on: what is still buffered goes nowhere, in silence."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
