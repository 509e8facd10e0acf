"""A log tail that came from several files: each file's lines under a heading, as tail(1) prints them."""

import re
from collections.abc import Iterable, Sequence

_HEADING = re.compile(r"==> .+ <==")


def heading(what: str) -> str:
    return f"==> {what} <=="


def blocks(log_tail: Iterable[str]) -> Sequence[Sequence[str]]:
    """The lines file by file, without the headings; empty blocks are left out."""
    found: list[list[str]] = [[]]
    for line in log_tail:
        if line.startswith("==> ") and _HEADING.fullmatch(line):
            found.append([])
        else:
            found[-1].append(line)
    return [block for block in found if block]


def share(sizes: Sequence[int], total: int) -> Sequence[int]:
    """How many of `total` lines each block may show: equal parts; what one cannot use goes on."""
    given = [0] * len(sizes)
    left = max(total, 0)
    while left and (hungry := [i for i, size in enumerate(sizes) if given[i] < size]):
        part = max(left // len(hungry), 1)
        for i in hungry:
            more = min(part, sizes[i] - given[i], left)
            given[i] += more
            left -= more
    return given
