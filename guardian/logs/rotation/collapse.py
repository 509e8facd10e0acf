"""Cut the head off a log that others append to: copy it out, let the kernel remove it, blank the rest of the line that
the cut went through. The writer notices nothing.

A kill between the copy and the cut leaves the lines in the log and in a copy that is no archive yet; between the cut
and the blanking, half a line in the log that the archive has whole. The next run tells the two by comparing, and goes
on.
"""

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from guardian.errors import RemedyError
from guardian.logs.rotation.archives import PARTIAL, hidden, new_name, publish
from guardian.logs.rotation.copying import copy_out, same
from guardian.logs.rotation.kernel import collapse
from guardian.logs.rotation.note import Begun, Note
from guardian.ports import Way

_LINE = 8 * 1024 * 1024
"""The longest line that the cut may go through."""


def begin(log: Path, handle: int, block: int, note: Note, now: datetime) -> str:
    """Raises RemedyError and OSError."""
    found = os.fstat(handle)
    cut, length = _place(handle, found.st_size, block)
    if not cut:
        raise RemedyError(f"{log.name} has no line end in reach of its end: rotated when it has", done=False)
    begun = Begun(
        Way.COLLAPSE, found.st_dev, found.st_ino, new_name(log, now), size=found.st_size, cut=cut, length=length
    )
    note.write(begun)
    return _copied(log, handle, begun, note)


def resume(log: Path, handle: int, begun: Begun, note: Note) -> str:
    """Go on with what was begun by a process that is gone."""
    part = hidden(log, PARTIAL)
    if not begun.copied:
        return _copied(log, handle, begun, note)
    if not part.exists():
        return _published(log, begun, note)  # only the last step is missing
    return _blanked(log, handle, begun, note) if _was_cut(handle, part, begun) else _cut(log, handle, begun, note)


def _copied(log: Path, handle: int, begun: Begun, note: Note) -> str:
    if os.fstat(handle).st_size < begun.size:
        note.done()
        hidden(log, PARTIAL).unlink(missing_ok=True)
        return f"{log.name}: it was made smaller by somebody else"
    copy_out(handle, hidden(log, PARTIAL), begun.length)
    copied = replace(begun, copied=True)
    note.write(copied)
    return _cut(log, handle, copied, note)


def _cut(log: Path, handle: int, begun: Begun, note: Note) -> str:
    collapse(handle, begun.cut)
    return _blanked(log, handle, begun, note)


def _blanked(log: Path, handle: int, begun: Begun, note: Note) -> str:
    part = hidden(log, PARTIAL)
    if _has_rest(handle, part, begun):  # else it is blank, or the log was emptied since
        rest = begun.length - begun.cut
        os.pwrite(handle, b" " * (rest - 1) + b"\n", 0)
        os.fsync(handle)
    publish(part, log.parent / begun.archive)
    return _published(log, begun, note)


def _has_rest(handle: int, part: Path, begun: Begun) -> bool:
    """Whether the log begins with the rest of the line that the cut went through."""
    with part.open("rb") as copy:
        copy.seek(begun.cut)
        rest = copy.read()
    return os.pread(handle, len(rest), 0) == rest


def _published(log: Path, begun: Begun, note: Note) -> str:
    note.done()
    return f"{begun.length} bytes of {log.name} moved to {begun.archive}"


def _was_cut(handle: int, part: Path, begun: Begun) -> bool:
    """A log that is smaller than it was is cut; so is one that no longer begins as the copy does. Where all lines are
    alike, both may be: it then counts as cut, since lines that are there twice are better than lost ones."""
    if os.fstat(handle).st_size < begun.size:
        return True
    with part.open("rb") as copy:
        return not same(handle, copy.fileno(), begun.cut) or _has_rest(handle, part, begun)


def _place(handle: int, size: int, block: int) -> tuple[int, int]:
    """Where to cut: the last block's edge with a line's end behind it; and the length with what is before that end. It
    goes as well, and is never nothing, so that a log that was cut is known by it."""
    cut = (size - 1) // block * block
    while cut > 0 and size - cut <= _LINE:
        tail = os.pread(handle, size - cut, cut)
        if (end := tail.find(b"\n")) >= 0:
            return cut, cut + end + 1
        cut -= block
    return 0, 0
