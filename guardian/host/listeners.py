"""Who listens on which TCP port."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from guardian.diagnose.plain import brief
from guardian.ports import Holder

_COMMAND = 200


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


def holders(ports: Collection[int]) -> Sequence[Holder]:
    """Of these ports only; commands redacted. Raises psutil.Error as `listeners`."""
    wanted = frozenset(ports)
    found = {
        (each.laddr.port, each.laddr.ip, each.pid)
        for each in psutil.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port in wanted
    }
    return [_holder(*each) for each in sorted(found, key=lambda each: (each[0], each[2] or 0, each[1]))]


def _holder(port: int, address: str, pid: int | None) -> Holder:
    with suppress(psutil.Error):
        if pid is not None:
            process = psutil.Process(pid)
            command = brief(" ".join(process.cmdline()), _COMMAND)
            since = datetime.fromtimestamp(process.create_time(), UTC)
            return Holder(port, address, pid, process.name(), command, since)
    return Holder(port, address)
