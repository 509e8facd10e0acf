"""Task files: read with bounds, and written by compare-and-set, one task a file or one file with a list.

Who writes holds the lock of `locked`. Where others write without it (`lockless`), the new file is exchanged with the
old one, and put back when what came out is not what was expected (docs/pipelines.md has the steps, and what a process
that is killed in between leaves behind). The client writes by the same functions as Guardian.
"""

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from guardian.errors import GuardianError
from guardian.pipelines.shared import swap
from guardian.pipelines.shared.lockfile import locked
from guardian.pipelines.shared.swap import digest_of

_MOST_FILES = 100_000
_LARGEST = 16_000_000
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)

Edit = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
"""The keys to write and their values, out of the task as it is under the lock; None: leave it."""


@dataclass(frozen=True)
class Entry:
    """One task as it is on the disk. `name` is the file's, with `[number]` in a list. `data` is None where it is no
    JSON object: `damage` then says why, and `movable` that its content is the reason. `changed_at`: seconds since
    1970. `version` is what `update` compares: the content, and where it was."""

    name: str
    data: Mapping[str, Any] | None = None
    version: str = ""
    damage: str | None = None
    movable: bool = False
    changed_at: float | None = None


class DamageError(GuardianError):
    """What is there is no task. `movable`: by its content."""

    def __init__(self, reason: str, *, movable: bool = False) -> None:
        super().__init__(reason)
        self.movable = movable


@dataclass(frozen=True)
class TaskFiles:
    """`place`: a folder in which each file that `pattern` names is a task; or a file with a list of tasks, under `key`
    where it is an object. `lockless`: others write without the lock, by renaming."""

    place: Path
    pattern: str = "*.json"
    key: str | None = None
    lockless: bool = False
    largest: int = _LARGEST

    @property
    def a_list(self) -> bool:
        return not self.place.is_dir()

    def entries(self) -> Sequence[Entry]:
        """Whatever is there, damaged or not. Raises OSError where the place itself cannot be read, DamageError where
        the file with the list is no such thing."""
        if self.a_list:
            raw, changed_at = _read(self.place, self.largest)
            return self._members(raw, changed_at)
        return [self._entry(name) for name in sorted(self._names())]

    def entry(self, name: str) -> Entry | None:
        """One file of the folder, read anew; None when it is not there."""
        found = self._entry(name)
        return None if found.damage == _GONE else found

    def update(self, version: str, edit: Edit, *, seconds: float = 2.0) -> bool:
        """Compare-and-set: False, and nothing is changed, when the task is not of that version any more or `edit`
        leaves it. Keys keep their order, and what `edit` does not name stays. Raises OSError, BusyError, DamageError.
        """
        with locked(self.place, seconds):
            swap.recover(self._swaps())
            return self._update(version, edit)

    def recover(self) -> None:
        """Finish or undo what a killed process left half done; costs one look when there is nothing."""
        if not self._swaps().is_dir():
            return
        with locked(self.place, 0.5):
            swap.recover(self._swaps())

    def set_aside(self, name: str) -> Path:
        """Move a damaged file into a folder below, whole and never over another. Raises as `update`, and DamageError
        when it can be read by now."""
        with locked(self.place):
            if not self._entry(name).movable:
                raise DamageError(f"{name} is not as it was")
            aside = swap.keep(self.place / name, self._own() / "set-aside")
            if _parses(aside):  # renamed there in the last moment; a newer one there is newer still
                with suppress(FileExistsError):
                    os.link(aside, self.place / name)
                aside.unlink()
                raise DamageError(f"{name} is not as it was")
            return aside

    def _update(self, version: str, edit: Edit) -> bool:
        digest, _, name = version.partition(" ")
        path = self.place if self.a_list else self.place / name
        try:
            raw, _ = _read(path, self.largest)
        except FileNotFoundError:
            return False
        try:
            new = self._edited_list(raw, version, edit) if self.a_list else _edited(raw, digest, edit)
        except RecursionError:
            raise DamageError(_TOO_DEEP) from None
        if new is None:
            return False
        expected = digest_of(raw)
        return swap.put(
            path, expected, new, self._swaps(), lockless=self.lockless, read=lambda at: _read(at, self.largest)[0]
        )

    def _own(self) -> Path:
        return (self.place.parent if self.a_list else self.place) / ".guardian"

    def _swaps(self) -> Path:
        return self._own() / "swap"

    def _names(self) -> Iterator[str]:
        with os.scandir(self.place) as found:
            for number, each in enumerate(found):
                if number >= _MOST_FILES:
                    raise DamageError(f"over {_MOST_FILES} files")
                if not each.name.startswith(".") and fnmatchcase(each.name, self.pattern) and not _is_folder(each):
                    yield each.name

    def _entry(self, name: str) -> Entry:
        try:
            raw, changed_at = _read(self.place / name, self.largest)
        except FileNotFoundError:
            return Entry(name, damage=_GONE)
        except DamageError as damage:
            return Entry(name, damage=str(damage), movable=damage.movable)
        except OSError as error:
            return Entry(name, damage=f"cannot be read: {error.strerror}")
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError) as error:
            return Entry(name, damage=why_no_json(error), movable=True, changed_at=changed_at)
        if not isinstance(data, dict):
            return Entry(name, damage="is JSON, but no object", movable=True, changed_at=changed_at)
        return Entry(name, data, f"{digest_of(raw)} {name}", changed_at=changed_at)

    def _members(self, raw: bytes, changed_at: float) -> Sequence[Entry]:
        found = []
        for number, each in enumerate(self._list(_parsed(raw))):
            name, digest = f"{self.place.name}[{number}]", _member_digest(each)
            if isinstance(each, dict) and digest:
                found.append(Entry(name, each, f"{digest} {number}"))
            else:
                found.append(Entry(name, damage="is no object", changed_at=changed_at))
        return found

    def _list(self, document: Any) -> list[Any]:
        if self.key is not None:
            document = document.get(self.key) if isinstance(document, dict) else None
        if not isinstance(document, list):
            where = f"has no list under `{self.key}`" if self.key else "is no list"
            raise DamageError(f"{self.place.name} {where}", movable=False)
        return document

    def _edited_list(self, raw: bytes, version: str, edit: Edit) -> bytes | None:
        digest, _, number = version.partition(" ")
        document = _parsed(raw)
        members = self._list(document)
        index = int(number)
        if index >= len(members) or _member_digest(members[index]) != digest:
            found = [at for at, each in enumerate(members) if _member_digest(each) == digest]
            if len(found) != 1:  # it changed, or nobody can tell which one it is
                return None
            index = found[0]
        values = edit(members[index])
        if values is None:
            return None
        members[index] = {**members[index], **values}
        return _written(document, raw)


_GONE, _TOO_DEEP = "is not there", "is nested too deep"


def _member_digest(member: Any) -> str:
    """Empty where it cannot be written as it was read."""
    try:
        return digest_of(json.dumps(member, sort_keys=True).encode())
    except RecursionError:
        return ""


def _is_folder(found: "os.DirEntry[str]") -> bool:
    with suppress(OSError):
        return found.is_dir(follow_symlinks=False)
    return False


def _read(path: Path, largest: int) -> tuple[bytes, float]:
    """The content and when it changed, in seconds since 1970. Never follows a link, never waits."""
    try:
        handle = os.open(path, _READ)
    except OSError as error:
        if path.is_symlink():
            raise DamageError("is a link, and links are not followed") from None
        raise error from None
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise DamageError("is no regular file")
        if about.st_size > largest:
            raise DamageError(f"is too large: {about.st_size} bytes, at most {largest} are read")
        raw = os.read(handle, about.st_size + 1)
        while len(raw) <= largest and (more := os.read(handle, largest + 1 - len(raw))):
            raw += more
    finally:
        os.close(handle)
    if len(raw) > largest:
        raise DamageError(f"is too large: at most {largest} bytes are read")
    return raw, about.st_mtime


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DamageError(why_no_json(error)) from None


def why_no_json(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    return f"is no JSON: {error}"


def _edited(raw: bytes, digest: str, edit: Edit) -> bytes | None:
    if digest_of(raw) != digest:
        return None
    document = _parsed(raw)
    values = edit(document)
    return None if values is None else _written({**document, **values}, raw)


def _written(document: Any, like: bytes) -> bytes:
    """In the encoding and with the indentation that it had."""
    encoding = json.detect_encoding(like)
    text = like.decode(encoding)
    second = text.split("\n", 2)[1] if "\n" in text.strip() else ""
    indent = len(second) - len(second.lstrip(" ")) or None
    escaped = text.isascii()
    written = json.dumps(document, indent=indent, ensure_ascii=escaped) + ("\n" if text.endswith("\n") else "")
    try:
        return written.encode(encoding)
    except UnicodeEncodeError:  # half a pair, written as an escape
        return json.dumps(document, indent=indent).encode(encoding)


def _parses(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_bytes()), dict)
    except (ValueError, RecursionError):
        return False
