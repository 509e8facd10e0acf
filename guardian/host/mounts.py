"""The file systems of this machine, each once.

Left out: those that hold nothing (proc ...), are read only, are mounted on a single file (containers), live in memory,
or come over a network, where a dead server would hold the look; the last two can be named.
"""

import os
import stat
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import psutil

from guardian.host.disks import IN_MEMORY
from guardian.ports import Cleaned, CleanUp, MountSeen

_PATIENCE = 2.0
_OVERLAY = frozenset({"overlay", "aufs"})
_REMOTE = ("nfs", "cifs", "smb", "fuse", "9p", "ceph", "glusterfs", "afs", "autofs", "lustre", "virtiofs")


class HostDisks:
    """guardian.ports.Disks of this machine, for one process. What hangs is asked again only when it came back."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[threading.Thread, list[Any]]] = {}

    def look(self, named: Collection[str]) -> Sequence[MountSeen]:
        parts = {part.mountpoint: part for part in psutil.disk_partitions(all=True)}  # the last one hides those below
        absent = [MountSeen(place, error="nothing is mounted there") for place in sorted(set(named) - parts.keys())]
        wanted = [part for part in parts.values() if part.mountpoint in named or _is_worth_a_look(part)]
        # of several mounts of one disk the named one, or the shortest: that is what people know
        wanted.sort(key=lambda part: (part.mountpoint not in named, len(part.mountpoint), part.mountpoint))
        return [*_each_once(map(self._seen, wanted)), *absent]

    def clean(self, order: CleanUp, *, dry_run: bool) -> Cleaned:
        from guardian.host.clean_up import clean  # noqa: PLC0415  needs what only POSIX systems have

        return clean(order, dry_run=dry_run)

    def _seen(self, part: Any) -> tuple[MountSeen, int, str]:
        """With its device's number and name. In a thread, since a mount that hangs cannot be interrupted."""
        place = part.mountpoint
        if place not in self._asked:
            answer: list[Any] = []
            thread = threading.Thread(target=_ask, args=(place, answer), daemon=True, name="guardian-mount")
            self._asked[place] = thread, answer
            thread.start()
        thread, answer = self._asked[place]
        thread.join(_PATIENCE)
        if thread.is_alive():
            return MountSeen(place, part.fstype, error="it does not answer"), -1, place
        del self._asked[place]
        found = answer[0]
        if isinstance(found, OSError):
            return MountSeen(place, part.fstype, error=found.strerror or str(found)), -1, place
        room, device, mode = found
        if not stat.S_ISDIR(mode):
            return MountSeen(place, part.fstype), -1, place
        return (
            MountSeen(
                place, part.fstype, room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize, room.f_files,
                room.f_favail,
            ),
            device,
            part.device,
        )  # fmt: skip


def _ask(place: str, answer: list[Any]) -> None:
    try:
        known = os.stat(place)  # noqa: PTH116  a mount point may be no text
        answer.append((os.statvfs(place), known.st_dev, known.st_mode))
    except OSError as error:
        answer.append(error)


def _is_worth_a_look(part: Any) -> bool:
    left_out = part.fstype in {*IN_MEMORY, "devtmpfs"} or part.fstype.startswith(_REMOTE)
    return not left_out and "ro" not in part.opts.split(",")


def _each_once(found: Iterator[tuple[MountSeen, int, str]]) -> Iterator[MountSeen]:
    """Bind mounts have their device's number, subvolumes its name, and an overlay the sizes of the disk below it."""
    numbers, names = set[int](), set[str]()
    sizes, overlaid = set[tuple[int, int]](), set[tuple[int, int]]()
    for mount, number, name in found:
        if mount.error is None:
            size = (mount.total_bytes, mount.inodes)
            again = (
                number in numbers
                or (name.startswith("/dev/") and name in names)
                or size in (sizes if mount.kind in _OVERLAY else overlaid)
            )
            if again or not mount.total_bytes:
                continue
            numbers.add(number)
            names.add(name)
            sizes.add(size)
            if mount.kind in _OVERLAY:
                overlaid.add(size)
        yield mount
