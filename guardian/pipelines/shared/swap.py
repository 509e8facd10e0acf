"""Putting a new file in an old one's place only if that is as expected. The caller holds the lock.

    swap/EXPECTED.NEW/part          written, and on the disk
    swap/EXPECTED.NEW/NAME.swap     complete: renamed from `part`; EXPECTED and NEW are digests
    exchange with NAME              what came out is now under NAME.swap
    its digest is EXPECTED          done: it is removed
    else                            exchanged back, and whatever a writer renamed there meanwhile stays the newest

A process that is killed leaves the folder behind, and its name says what was to happen; as the system frees its lock,
whoever holds the lock next knows that nobody is at work on it, and finishes or undoes it.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from guardian.pipelines.shared.exchange import exchange

_PART, _SUFFIX = "part", ".swap"
_MOST_ROUNDS = 1000
_GROUP_MAY = 0o060

Read = Callable[[Path], bytes]


def put(path: Path, expected: str, new: bytes, swaps: Path, *, lockless: bool, read: Read) -> bool:
    """Whether it was as expected; else it is as it was. Owner and mode stay. Raises OSError."""
    ours = digest_of(new)
    folder = swaps / f"{expected}.{ours}"
    folder.mkdir(parents=True, exist_ok=True)
    held = folder / f"{path.name}{_SUFFIX}"
    _write(folder / _PART, new, path)
    (folder / _PART).rename(held)
    done = _exchanged(held, path, expected, ours, read) if lockless else _replaced(held, path)
    _clear(folder)
    _sync(path.parent)
    return done


def _replaced(held: Path, path: Path) -> bool:
    """All who write hold the lock."""
    held.replace(path)
    return True


def _exchanged(held: Path, path: Path, expected: str, ours: str, read: Read) -> bool:
    try:
        exchange(held, path)
    except FileNotFoundError:  # somebody took it away
        return False
    if _digest(_content(held, read)) == expected:
        return True
    _back(held, path, ours, read)
    return False


def recover(swaps: Path) -> None:
    """Finish or undo every exchange that was left half done. Raises OSError."""
    with suppress(FileNotFoundError):
        for folder in sorted(swaps.iterdir()):
            _recover(folder)


def _recover(folder: Path) -> None:
    expected, _, ours = folder.name.partition(".")
    for held in [each for each in folder.iterdir() if each.name != _PART]:
        path = folder.parent.parent.parent / held.name.removesuffix(_SUFFIX)
        if _digest(_content(held, _plain)) in (expected, ours):
            continue
        if _digest(_content(path, _plain)) == ours:  # what it took out belongs there
            _back(held, path, ours, _plain)
        else:
            keep(held, folder.parent.parent / "set-aside")
    _clear(folder)


def keep(path: Path, folder: Path) -> Path:
    """Move a file there, never over another. Gives where it is now."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in count():
        to = folder / (f"{path.name}.{number}" if number else path.name)
        with suppress(FileExistsError):
            os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # the name is ours now
            break
    path.replace(to)
    return to


def _back(held: Path, path: Path, put_in: str, read: Read) -> None:
    """`path` holds `put_in`, and `held` what was there. As long as somebody renames a newer one there meanwhile, that
    comes out instead, and goes back in its turn: the newest is there at the end."""
    for _ in range(_MOST_ROUNDS):
        going_in = _digest(_content(held, read))
        try:
            exchange(held, path)
        except FileNotFoundError:  # taken away meanwhile: so is what was put in
            return
        if _digest(_content(held, read)) == put_in:
            return
        put_in = going_in
    raise OSError(errno.EBUSY, "is written too often", str(path))


def _content(path: Path, read: Read) -> bytes | None:
    """None for what is no file that can be read, or a damaged one: it is never what was expected."""
    try:
        return read(path)
    except FileNotFoundError:
        raise
    except Exception:  # noqa: BLE001  whatever it is, it goes back where it was
        return None


def _plain(path: Path) -> bytes:
    return path.read_bytes()


def digest_of(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def _digest(raw: bytes | None) -> str:
    return "" if raw is None else digest_of(raw)


def _write(part: Path, new: bytes, like: Path) -> None:
    about = like.stat(follow_symlinks=False)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        _belongs(handle, about)
        file.write(new)
        file.flush()
        os.fsync(handle)


def _belongs(handle: int, about: os.stat_result) -> None:
    """As the old one: else its owner could not write it any more."""
    if not hasattr(os, "fchown"):
        return
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (about.st_uid, about.st_gid):
        try:
            os.fchown(handle, about.st_uid, about.st_gid)
        except PermissionError:
            os.fchown(handle, -1, about.st_gid)
            if about.st_mode & _GROUP_MAY != _GROUP_MAY:  # its owner's group must do
                raise
    os.fchmod(handle, about.st_mode & 0o7777)


def _clear(folder: Path) -> None:
    with suppress(FileNotFoundError):
        for each in folder.iterdir():
            each.unlink(missing_ok=True)
        folder.rmdir()


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
