"""A lock file whose process is gone: its program would refuse to start.

Probe: reads each lock file and asks the system whether that process runs. Changes nothing.
Judge: FAIL for a lock whose process is gone, UNKNOWN for one that holds no process id.
Remedy: removes that lock, after one more look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psutil
from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.errors import SourceError
from guardian.heal.base import Done, Remedy
from guardian.model import Memory, RemedyKind, Status, Verdict
from guardian.ports import Ports
from guardian.settings import Model, UserPath


class Params(Model):
    files: tuple[UserPath, ...] = Field((), strict=False)
    """Lock files, each of which holds the id of a process."""


@dataclass(frozen=True)
class Lock:
    path: str
    pid: int | None
    runs: bool


def probe(_ports: Ports, params: Params, only: str | None = None) -> Sequence[Lock]:
    paths = [path for path in params.files if only in (None, str(path))]
    return [lock for lock in map(_read, paths) if lock is not None]


def _read(path: Path) -> Lock | None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")[:100].strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(str(path), f"cannot be read: {error.strerror}") from error
    pid = int(text) if text.isascii() and text.isdigit() else None
    return Lock(str(path), pid, pid is not None and psutil.pid_exists(pid))


def judge(locks: Sequence[Lock], _params: Params, memory: Memory, _now: datetime) -> Judgement:
    nothing = None if locks else "no lock file is there"
    return Judgement([_verdict(lock) for lock in locks], memory, nothing)


def _verdict(lock: Lock) -> Verdict:
    if lock.pid is None:
        return Verdict(lock.path, Status.UNKNOWN, "it holds no process id")
    if lock.runs:
        return Verdict(lock.path, Status.OK, f"held by process {lock.pid}")
    return Verdict(lock.path, Status.FAIL, f"process {lock.pid} is gone and left it behind")


def evidence(locks: Sequence[Lock], target: str) -> TargetEvidence:
    pids = {lock.path: lock.pid for lock in locks}
    return TargetEvidence({"pid": pids[target]})


def act(_ports: Ports, target: str) -> Done:
    lock = _read(Path(target))
    if lock is None or lock.pid is None or lock.runs:
        return Done(changed=False, text="found as it should be")
    Path(target).unlink(missing_ok=True)
    return Done(changed=True, text=f"removed the lock of process {lock.pid}, which is gone")


def already_done(_ports: Ports, target: str, _claimed_at: datetime) -> bool | None:
    return not Path(target).exists()


CHECK = Check(
    "Stale lock files",
    every=timedelta(seconds=30),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="stale_lock",
)
REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=already_done)
