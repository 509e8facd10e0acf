"""PM2 daemons that run here, whoever's, as the process list shows them: their sockets may be out of reach."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from guardian.host.machine import shares_files

_PM2 = re.compile(r"PM2 v\S+: God Daemon \((.+)\)")


@dataclass(frozen=True)
class Pm2Daemon:
    """`user` is the number of the one that it runs as."""

    home: Path
    pid: int
    user: int


def pm2_daemons() -> Sequence[Pm2Daemon]:
    """PM2's daemon writes its home into its title."""
    seen = (_pm2(process) for process in psutil.process_iter(["cmdline", "uids", "status"]))
    return [daemon for daemon in seen if daemon is not None]


def _pm2(process: psutil.Process) -> Pm2Daemon | None:
    words, uids = process.info["cmdline"], process.info["uids"]
    found = _PM2.match(words[0]) if words else None
    if found is None or uids is None or not shares_files(process.pid):
        return None
    return Pm2Daemon(Path(found[1]), process.pid, uids.effective)
