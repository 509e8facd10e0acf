"""Move one script into the quarantine."""

import errno
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from guardian.errors import GuardianError
from guardian.host.quarantine.place import (
    SCRIPT,
    Entry,
    Place,
    hash_at,
    opened,
    opened_below,
    read_sidecar,
    sync,
    write_sidecar,
)

_TAKEN = ".guardian-taken-"
_PART = "script.part"


@dataclass(frozen=True)
class Taken:
    """`id` is None where it was not moved; `text` says why, or what else is to be known."""

    id: str | None
    text: str = ""


class _Left(Exception):  # noqa: N818  named for what happened
    """It stays where it is: why."""


def take(place: Place, path: str, wanted: Entry) -> Taken:
    """Move the script at `path`, if it still has the content of `wanted.sha256`. With the same `wanted.id` again: goes
    on where an earlier try ended. Never raises for what it meets."""
    try:
        with place.locked():
            return _take(place, os.path.abspath(path), wanted)  # noqa: PTH100  resolve() would follow links
    except _Left as left:
        return Taken(None, str(left))
    except (OSError, GuardianError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return Taken(None, f"it could not be moved: {said}")


def _take(place: Place, path: str, wanted: Entry) -> Taken:
    folder = place.of(wanted.id)
    if (folder / SCRIPT).exists():
        entry = read_sidecar(folder)
        with suppress(OSError, _Left):  # a copy that an earlier try did not come to remove
            root, parent = _inside(place, path)
            with opened_below(root, parent) as source:
                os.unlink(_TAKEN + wanted.id, dir_fd=source)
        return _keep(folder, entry)
    with suppress(OSError, ValueError, TypeError):
        if read_sidecar(folder).state == "released":
            raise _Left("it was released since")
    root, parent = _inside(place, path)
    with opened_below(root, parent) as source:
        name = Path(path).name
        hidden = _TAKEN + wanted.id
        found = _look(hidden, source) or _look(name, source)
        if found is None:
            raise _Left("it is no longer there")
        if not stat.S_ISREG(found.st_mode):
            raise _Left("it is a link, and what it points to may lie elsewhere" if stat.S_ISLNK(found.st_mode) else
                        "it is no regular file")  # fmt: skip
        _room(place, found.st_size)
        entry = replace(
            wanted, state="moving", path=path, size=found.st_size, mode=stat.S_IMODE(found.st_mode),
            other_names=found.st_nlink - 1,
        )  # fmt: skip
        folder.mkdir(mode=0o700, exist_ok=True)
        write_sidecar(folder, entry)
        _move(source, name, hidden, folder)
        os.fsync(source)
        if hash_at(str(folder / SCRIPT), None) != wanted.sha256:
            _put_back(folder, source, name)
    return _keep(folder, entry)


def _inside(place: Place, path: str) -> tuple[str, str]:
    """The root and the folder of the script, both real."""
    parent = os.path.realpath(Path(path).parent)
    for each in place.roots:
        root = os.path.realpath(each)
        if Path(parent).is_relative_to(root):
            return root, parent
    raise _Left("it lies in none of the quarantine roots")


def _look(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _room(place: Place, size: int) -> None:
    kept = [each for each in place.entries() if each.state != "released"]
    if len(kept) >= place.files or sum(each.size for each in kept) + size > place.bytes:
        raise _Left(f"the quarantine is full ({len(kept)} scripts): release some, or raise its limits")


def _move(source: int, name: str, hidden: str, folder: Path) -> None:
    if _look(hidden, source) is None:
        if _moved(source, name, folder):
            return
        os.rename(name, hidden, src_dir_fd=source, dst_dir_fd=source)  # taken: nobody meets it under its name
    with os.fdopen(opened(hidden, source), "rb") as script, (folder / _PART).open("wb") as copy:
        shutil.copyfileobj(script, copy)
        copy.flush()
        os.fsync(copy.fileno())
    (folder / _PART).rename(folder / SCRIPT)
    sync(folder)
    os.unlink(hidden, dir_fd=source)


def _moved(source: int, name: str, folder: Path) -> bool:
    """False where the quarantine is on another file system."""
    try:
        os.rename(name, folder / SCRIPT, src_dir_fd=source)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
        shutil.rmtree(folder)  # nothing but its report is in it
        raise
    return True


def _put_back(folder: Path, source: int, name: str) -> None:
    """What was taken is not what was scanned: somebody wrote it anew meanwhile."""
    script = folder / SCRIPT
    try:
        os.link(script, name, dst_dir_fd=source, follow_symlinks=False)
    except FileExistsError:
        raise _Left(f"it changed while it was scanned; the one that was taken is {script}") from None
    except OSError:
        temporary = f"{_TAKEN}{folder.name}-back"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, read_sidecar(folder).mode, dir_fd=source)
        with os.fdopen(handle, "wb") as copy:
            copy.write(script.read_bytes())
            os.fsync(handle)
        os.link(temporary, name, src_dir_fd=source, dst_dir_fd=source)
        os.unlink(temporary, dir_fd=source)
    shutil.rmtree(folder)
    raise _Left("it changed while it was scanned, and is where it was")


def _keep(folder: Path, entry: Entry) -> Taken:
    """The last step, done again by whoever comes again."""
    with suppress(OSError):
        (folder / SCRIPT).chmod(0o400)
    if entry.state == "moving":
        write_sidecar(folder, replace(entry, state="kept"))
    others = f"; it has {entry.other_names} other name(s), which are left" if entry.other_names else ""
    return Taken(entry.id, f"moved to {folder / SCRIPT}{others}")
