"""What was foreseen and does not go: clear lines on stderr, and an exit code."""

from collections.abc import Sequence

from guardian.cli.shared.lines import err
from guardian.errors import ConfigError, GuardianError, HistoryError, NotRunning, StoreError

REFUSED, UNKNOWN, INTERRUPTED = 2, 3, 128 + 2
"""The last as a shell reports SIGINT."""


def explained(error: GuardianError) -> int:
    """Says it, and gives the exit code."""
    match error:
        case ConfigError():
            lines, code = [str(fault) for fault in error.faults], REFUSED
        case StoreError():
            lines, code = [f"Guardian's store is away: {error}"], UNKNOWN
        case HistoryError():
            lines, code = [f"the history cannot be read: {error}"], UNKNOWN
        case NotRunning():
            lines, code = [str(error)], UNKNOWN
        case _:
            lines, code = [str(error)], REFUSED
    complain(lines)
    return code


def complain(lines: Sequence[str]) -> None:
    from guardian.diagnose.plain import plain

    for line in lines:
        err(plain(line))
