"""Removes rotated logs, oldest first, and nothing else: whoever writes into the folders meanwhile may be hostile.

Folders are opened one by one from the configured one on, never through a symlink, never across a mount. A file goes
only while a write lease on it proves that nobody else has it open (fcntl(2)); where the system gives none, the open
files of all processes are looked through, and what cannot be seen counts as open. It is renamed before it is removed,
and looked at once more under its new name: what took its place meanwhile is put back.
"""

import errno
import fcntl
import os
import secrets
import signal
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from guardian.diagnose.plain import brief
from guardian.ports import Cleaned, CleanUp, Removable

ASIDE = ".guardian-clean-"
"""Begins the name of a file that is about to be removed; one that is left (the worker was killed) goes next time."""

_SECONDS = 15.0
_MOST_FILES, _MOST_DEPTH, _MOST_LEFT = 100_000, 12, 20
_SHOWN = 200
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_F_SETSIG, _F_SETLEASE, _F_GETLEASE = 10, 1024, 1025


@dataclass(frozen=True)
class _File:
    """A file that may go, by the names of the folders on the way from its configured one."""

    folder: str
    way: tuple[str, ...]
    name: str
    device: int
    inode: int
    changed: float
    size_bytes: int

    @property
    def path(self) -> str:
        return brief("/".join([self.folder, *self.way, self.name]), _SHOWN)


@dataclass
class _Work:
    """One clean-up under way. `kept` are files that a symlink names: it may be the log of today."""

    order: CleanUp
    device: int
    end: float
    now: float
    files: list[_File] = field(default_factory=list)
    kept: set[tuple[int, int]] = field(default_factory=set)
    left: list[str] = field(default_factory=list)

    def over(self) -> bool:
        return time.monotonic() > self.end or len(self.files) >= _MOST_FILES

    def leave(self, what: str, why: str) -> None:
        if len(self.left) < _MOST_LEFT:
            self.left.append(f"{brief(what, _SHOWN)}: {why}")


def clean(order: CleanUp, *, dry_run: bool, now: float | None = None) -> Cleaned:
    """Until enough is free, nothing is left that may go, or 15 s are over. `now`: seconds since 1970."""
    try:
        device = os.stat(order.mount).st_dev  # noqa: PTH116  may be no text
    except OSError as error:
        return Cleaned(left=[f"{order.mount}: {error.strerror}"])
    work = _Work(order, device, time.monotonic() + _SECONDS, time.time() if now is None else now)
    for folder in order.folders:
        _search(work, folder)
    files = [file for file in work.files if (file.device, file.inode) not in work.kept]
    files.sort(key=lambda file: (file.changed, file.path))
    removed, freed = _until_enough(work, files, dry_run=dry_run)
    enough = _is_enough(order, freed, len(removed)) if dry_run else _is_enough(order, 0, 0)
    return Cleaned([Removable(file.path, file.size_bytes) for file in removed], freed, tuple(work.left), enough)


def _until_enough(work: _Work, files: Sequence[_File], *, dry_run: bool) -> tuple[list[_File], int]:
    removed: list[_File] = []
    freed = 0
    for file in files:
        planned = (freed, len(removed)) if dry_run else (0, 0)
        if time.monotonic() > work.end or _is_enough(work.order, *planned):
            break
        if dry_run or _removed(work, file):
            removed.append(file)
            freed += file.size_bytes
    return removed, freed


def _is_enough(order: CleanUp, more_bytes: int, more_inodes: int) -> bool:
    room = os.statvfs(order.mount)
    free = room.f_bavail * room.f_frsize + more_bytes
    bytes_wanted = order.room.least_bytes(room.f_blocks * room.f_frsize)
    return free >= bytes_wanted and room.f_favail + more_inodes >= order.room.least_inodes(room.f_files)


# looking


def _search(work: _Work, folder: str) -> None:
    try:
        root = os.open(folder, _FOLDER)
    except OSError as error:
        why = "a symlink is not followed" if error.errno in (errno.ELOOP, errno.ENOTDIR) else error.strerror
        work.leave(folder, str(why))
        return
    try:
        if os.fstat(root).st_dev == work.device:
            _walk(work, folder, (), root, _mount_of(root))
    finally:
        os.close(root)


def _walk(work: _Work, folder: str, way: tuple[str, ...], at: int, mount: str | None) -> None:
    try:
        names = sorted(os.listdir(at))
    except OSError as error:
        work.leave("/".join([folder, *way]), str(error.strerror))
        return
    for name in names:
        if work.over():
            return
        with suppress(OSError):  # gone meanwhile
            _meet(work, folder, way, at, mount, name)


def _meet(work: _Work, folder: str, way: tuple[str, ...], at: int, mount: str | None, name: str) -> None:
    known = os.stat(name, dir_fd=at, follow_symlinks=False)
    if stat.S_ISLNK(known.st_mode):
        with suppress(OSError):
            target = os.stat(name, dir_fd=at)
            work.kept.add((target.st_dev, target.st_ino))
    elif stat.S_ISDIR(known.st_mode) and len(way) < _MOST_DEPTH and known.st_dev == work.device:
        with _opened(name, at, _FOLDER) as below:
            if _mount_of(below) == mount:
                _walk(work, folder, (*way, name), below, mount)
    elif _fits(work, name) and _may_go(work, known):
        file = _File(folder, way, name, known.st_dev, known.st_ino, _changed(known), known.st_blocks * 512)
        work.files.append(file)


def _fits(work: _Work, name: str) -> bool:
    return name.startswith(ASIDE) or any(fnmatchcase(name, pattern) for pattern in work.order.patterns)


def _may_go(work: _Work, known: os.stat_result) -> bool:
    """A regular file with this one name: to remove one of two names frees nothing, and the other may be anywhere."""
    old = work.now - _changed(known) >= work.order.min_age.total_seconds()
    return stat.S_ISREG(known.st_mode) and known.st_nlink == 1 and known.st_dev == work.device and old


def _changed(known: os.stat_result) -> float:
    """The later of the two: a copied file keeps its old time of writing."""
    return max(known.st_mtime, known.st_ctime)


def _mount_of(descriptor: int) -> str | None:
    """What tells a bind mount of the same disk, too; None where the system does not say."""
    with suppress(OSError):
        lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text("ascii").splitlines()
        return next((line for line in lines if line.startswith("mnt_id:")), None)
    return None


@contextmanager
def _opened(name: str, at: int, flags: int) -> Iterator[int]:
    descriptor = os.open(name, flags, dir_fd=at)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


# removing


def _removed(work: _Work, file: _File) -> bool:
    try:
        with _at(work, file) as at, _opened(file.name, at, _FILE) as descriptor:
            known = os.fstat(descriptor)
            if (known.st_dev, known.st_ino) != (file.device, file.inode) or not _may_go(work, known):
                return False
            return _remove(work, file, at, _guarded(descriptor, known))
    except _Open as why:
        work.leave(file.path, str(why))
        return False
    except OSError as error:
        if error.errno != errno.ENOENT:
            work.leave(file.path, str(error.strerror))
        return False


@contextmanager
def _at(work: _Work, file: _File) -> Iterator[int]:
    """Its folder, opened anew step by step. Raises OSError."""
    at = os.open(file.folder, _FOLDER)
    try:
        mount = _mount_of(at)
        for name in file.way:
            below = os.open(name, _FOLDER, dir_fd=at)
            os.close(at)
            at = below
        if _mount_of(at) != mount or os.fstat(at).st_dev != work.device:
            raise OSError(errno.EXDEV, "something was mounted there")
        yield at
    finally:
        os.close(at)


class _Open(Exception):  # noqa: N818  named for what it is
    """It must be taken for open."""


@dataclass(frozen=True)
class _Guard:
    """An open file that nobody else has open. With a lease, whoever opens it has to wait until it is closed here."""

    descriptor: int
    known: os.stat_result
    leased: bool

    def is_wanted(self) -> bool:
        """Whether somebody opens it at this moment."""
        if self.leased:
            return fcntl.fcntl(self.descriptor, _F_GETLEASE) != fcntl.F_WRLCK
        return _held_open(self.known, self.descriptor) is not None


def _guarded(descriptor: int, known: os.stat_result) -> _Guard:
    """Raises _Open."""
    try:
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)  # else the kernel ends this process when somebody opens it
        fcntl.fcntl(descriptor, _F_SETLEASE, fcntl.F_WRLCK)
    except OSError as error:
        if error.errno == errno.EAGAIN:
            raise _Open("it is open") from None
        if why := _held_open(known, descriptor):
            raise _Open(why) from None
        return _Guard(descriptor, known, leased=False)
    return _Guard(descriptor, known, leased=True)


def _held_open(known: os.stat_result, own: int) -> str | None:
    """By the open files of every process. Where those of one cannot be seen: it may be open there."""
    blind, here = not Path("/proc/self/fd").exists(), Path(f"/proc/{os.getpid()}/fd/{own}")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            for each in (process / "fd").iterdir():
                if each != here and _is_same(each, known):
                    return "it is open"
        except PermissionError:
            blind = True
        except OSError:
            continue
    return "whether it is open cannot be seen" if blind else None


def _is_same(path: Path, known: os.stat_result) -> bool:
    with suppress(FileNotFoundError):
        other = path.stat()
        return (other.st_dev, other.st_ino) == (known.st_dev, known.st_ino)
    return False


def _remove(work: _Work, file: _File, at: int, guard: _Guard) -> bool:
    aside = f"{ASIDE}{file.inode}-{secrets.token_hex(4)}"
    os.rename(file.name, aside, src_dir_fd=at, dst_dir_fd=at)
    known = os.stat(aside, dir_fd=at, follow_symlinks=False)
    same = (known.st_dev, known.st_ino) == (file.device, file.inode)
    if same and _may_go_still(known) and not guard.is_wanted():
        os.unlink(aside, dir_fd=at)
        return True
    _put_back(work, file, at, aside)
    return False


def _may_go_still(known: os.stat_result) -> bool:
    """Its time of change is now that of the renaming."""
    return stat.S_ISREG(known.st_mode) and known.st_nlink == 1


def _put_back(work: _Work, file: _File, at: int, aside: str) -> None:
    """Never over what has the name by now."""
    try:
        os.link(aside, file.name, src_dir_fd=at, dst_dir_fd=at, follow_symlinks=False)
        os.unlink(aside, dir_fd=at)
        work.leave(file.path, "it changed at that moment")
    except OSError as error:
        work.leave(file.path, f"it changed at that moment, and is now called {aside}: {error.strerror}")
