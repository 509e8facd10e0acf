"""The system below: limits and versions."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.model import Severity

LEAST_FILES = 1024
TESTED = ((3, 11), (3, 13))
"""The oldest and the newest Python that Guardian is tested with."""


@dataclass(frozen=True)
class Facts:
    """`files` is how many a process may have open; None for no limit, or an unknown one."""

    files: int | None
    python: tuple[int, int]


def gather(_installation: Installation) -> Facts:
    return Facts(_open_files(), sys.version_info[:2])


def _open_files() -> int | None:
    with suppress(ImportError):
        import resource  # noqa: PLC0415  not on every system

        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return None if soft == resource.RLIM_INFINITY else soft
    return None


def _few_files(facts: Facts) -> Iterable[Hit]:
    if facts.files is not None and facts.files < LEAST_FILES:
        yield Hit(f"a process may open {facts.files} files only", f"ulimit -n {4 * LEAST_FILES}, before guardian up")


def _untested(facts: Facts) -> Iterable[Hit]:
    oldest, newest = TESTED
    if not oldest <= facts.python <= newest:
        text, to = ".".join(map(str, facts.python)), ".".join(map(str, newest))
        yield Hit(f"Guardian is not tested with Python {text}", f"use Python {'.'.join(map(str, oldest))} to {to}")


AREA = Area(
    "system",
    gather,
    (
        Rule("open_files", Severity.WARNING, f"a process may open fewer than {LEAST_FILES} files",
             "workers fail in odd ways when they run out", _few_files),
        Rule("python", Severity.INFO, "another Python than Guardian is tested with", "it may work", _untested),
    ),
)  # fmt: skip
