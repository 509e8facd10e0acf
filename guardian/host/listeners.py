"""Who listens on which TCP port."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Listener:
    """`name` and `pid` are None where the process is another user's. `above`: its parents, nearest first."""

    port: int
    address: str
    pid: int | None
    name: str | None
    above: Sequence[int] = ()


def listeners() -> Sequence[Listener]:
    """By port; one for each port and process. Raises psutil.Error where this user may not ask (macOS)."""
    found: dict[tuple[int, int | None], Listener] = {}
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr:
            address, port = each.laddr
            found.setdefault((port, each.pid), Listener(port, address, each.pid, *_process(each.pid)))
    return sorted(found.values(), key=lambda listener: (listener.port, listener.pid or 0))


def _process(pid: int | None) -> tuple[str | None, Sequence[int]]:
    with suppress(psutil.Error):
        if pid is not None:
            process = psutil.Process(pid)
            return process.name(), [parent.pid for parent in process.parents()]
    return None, ()
