"""Folders and files that Guardian was told of: where task files go, and the logs of what it watches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from guardian.diagnose.plain import brief
from guardian.doctor.base import LEAST_FREE, Area, Hit, Installation, Rule
from guardian.host.disks import Disk
from guardian.host.machine import user_name
from guardian.host.rights import Seen, seen
from guardian.model import Severity

_MOST_LOGS = 500


@dataclass(frozen=True)
class LogFacts:
    process: str
    file: Seen
    folder: Seen


@dataclass(frozen=True)
class Facts:
    """`escalations` is None where the default is used, or another node's is. `disks`: of other file systems than the
    state directory's, by a folder on each."""

    escalations: Seen | None
    logs: Sequence[LogFacts]
    disks: Sequence[tuple[Path, Disk]]
    user: int


def gather(installation: Installation) -> Facts:
    config = installation.config
    ours = config.escalation.node in (None, config.node)
    directory = config.escalation.directory if ours and not installation.faults else None
    logs = [] if installation.faults else _logs(installation)
    folders = [*([directory] if directory else []), *(log.folder.path for log in logs if log.folder.there)]
    return Facts(
        escalations=seen(directory) if directory else None,
        logs=logs,
        disks=_disks(installation, folders),
        user=installation.around.user(),
    )


def _logs(installation: Installation) -> list[LogFacts]:
    named = [
        (process.target, Path(log))
        for fleet in installation.fleets
        for process in fleet.processes
        for log in process.logs
    ]
    return [LogFacts(name, seen(path), seen(path.parent)) for name, path in named[:_MOST_LOGS]]


def _disks(installation: Installation, folders: Sequence[Path]) -> list[tuple[Path, Disk]]:
    found: dict[int, tuple[Path, Disk]] = {}
    for folder in dict.fromkeys(folders):
        disk = installation.around.disk(folder)
        found.setdefault(disk.device, (folder, disk))
    own = installation.around.disk(installation.state).device
    return [place for device, place in found.items() if device != own]


def _escalations(facts: Facts) -> Iterable[Hit]:
    place = facts.escalations
    if place is None:
        return
    if place.trouble or not place.there:
        yield Hit(f"{place.path}: {place.trouble or 'there is no such folder'}", f"mkdir -p {place.path}")
    elif not place.folder:
        yield Hit(f"{place.path} is no folder", "correct [escalation] directory")
    elif not place.writable:
        name = user_name(facts.user)
        yield Hit(f"{place.path} is not writable for {name}", f"give {name} the right to write there")


def _unreadable(facts: Facts) -> Iterable[Hit]:
    for log in facts.logs:
        path, name = log.file.path, brief(log.process, 100)
        if log.folder.trouble or log.file.trouble:
            trouble = log.folder.trouble or log.file.trouble
            yield Hit(f"the log of {name}, {path}: {trouble}", f"give {user_name(facts.user)} the right to read it")
        elif not log.folder.there:
            yield Hit(f"the log of {name}, {path}: its folder is not there", f"mkdir -p {log.folder.path}")
        elif log.file.there and not log.file.readable:
            name_of_user = user_name(facts.user)
            yield Hit(f"the log of {name}, {path}: not readable for {name_of_user}", f"chmod o+r {path}")


def _full(facts: Facts) -> Iterable[Hit]:
    for folder, disk in facts.disks:
        if disk.free_bytes < LEAST_FREE:
            yield Hit(f"{round(disk.free_bytes / 1e6)} MB are free where {folder} is", f"make room: du -xh {folder}")


AREA = Area(
    "folders",
    gather,
    (
        Rule("escalation_directory", Severity.HIGH, "the escalation directory is missing or cannot be written",
             "what Guardian cannot mend reaches nobody as a task", _escalations),
        Rule("log_disk_full", Severity.HIGH, "little room on the disk of a log or of the escalation directory",
             "programs stop, or lose lines, when they cannot write", _full),
        Rule("log_unreadable", Severity.WARNING, "the log of a watched process cannot be read",
             "there is no evidence and no diagnosis when it crashes", _unreadable),
    ),
)  # fmt: skip
