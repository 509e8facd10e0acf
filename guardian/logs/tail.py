"""The ends of log files, fit to store and to send: nothing unredacted leaves here.

Reads regular files only: opening a FIFO or a device could block, or act on it. At most 64 KiB of each file,
500 characters of each line. A network mount that hangs is not guarded against.
"""

import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime

from guardian.diagnose.blocks import heading, share
from guardian.diagnose.plain import brief

MAX_BYTES = 64 * 1024
MAX_LINE = 500
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # the file may have become a FIFO since it was looked at
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class LogTail:
    """`ports.LogReader` on this machine's files. Keeps nothing between calls."""

    def tail(self, paths: Sequence[str], lines: int) -> Sequence[str]:
        """The last `lines` lines in all, shared among the files, in the order of `paths`. Never raises.

        Several files come under one heading each, which says when the file was last written; headings and the
        lines about files that cannot be read are not counted.
        """
        read = [_read(path) for path in dict.fromkeys(paths)]
        given = share([len(found) for _, found in read], lines)
        headed = len(read) > 1
        shown: list[str] = []
        for (title, found), count in zip(read, given, strict=True):
            if headed or not found:
                shown.append(heading(title) if found else title)
            shown += found[len(found) - count :]
        return [line for line in shown if line]


def _read(path: str) -> tuple[str, Sequence[str]]:
    """The heading and the lines; without lines the first says why, or is empty for an empty file."""
    name = brief(str(path), 300)
    try:
        data, whole, written = _end_of(path)
    except OSError as error:
        return f"(cannot read {name}: {error.strerror or type(error).__name__})", ()
    except ValueError:  # a NUL in the path, or characters that no file name has
        return f"(cannot read {name}: not a file name)", ()
    lines = _lines(data, whole=whole)
    when = datetime.fromtimestamp(written, UTC).isoformat(timespec="seconds")
    return (f"{name}, last written {when}" if lines else ""), lines


def _end_of(path: str) -> tuple[bytes, bool, int]:
    """The last bytes, whether they are the whole file, and when it was last written (epoch seconds)."""
    _regular(os.stat(path))  # noqa: PTH116 - beside os.open: opening a FIFO would already let its writer go on
    descriptor = os.open(path, _FLAGS)
    try:
        facts = os.fstat(descriptor)
        _regular(facts)
        start = max(facts.st_size - MAX_BYTES, 0)
        data = _read_from(descriptor, start)
        if start and not data:  # truncated since it was measured
            start, data = 0, _read_from(descriptor, 0)
    finally:
        os.close(descriptor)
    return data, start == 0, int(facts.st_mtime)


def _read_from(descriptor: int, start: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    data = b""
    while len(data) < MAX_BYTES and (part := os.read(descriptor, MAX_BYTES - len(data))):
        data += part
    return data


def _regular(facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(0, "not a regular file")


def _lines(data: bytes, *, whole: bool) -> Sequence[str]:
    """Decoded, plain, redacted, none blank. A cut-off first line goes: it may begin inside a secret."""
    if not whole:
        cut_off, _, data = data.partition(b"\n")
        if not data.strip():
            data = cut_off.partition(b" ")[2] or b"(one line of more than 64 KiB)"
    text = data.decode("utf-8", "replace").replace("\r", "\n")
    return [line for raw in text.split("\n") if (line := brief(raw, MAX_LINE))]
