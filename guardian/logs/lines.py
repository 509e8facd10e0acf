"""A file of JSON lines that several processes append to, with a bounded size."""

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEPT = 3


@dataclass(frozen=True)
class JsonLines:
    """Each line is one write, so that lines of two processes do not mix. Over `most_bytes` the file is renamed to
    `.1`, that one to `.2`, and so on up to `.3`."""

    path: Path
    most_bytes: int

    def append(self, value: Mapping[str, Any]) -> None:
        """Raises OSError."""
        line = (json.dumps(value, ensure_ascii=True, default=str) + "\n").encode()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(self.path, flags, 0o600)
        try:
            if os.fstat(handle).st_size + len(line) > self.most_bytes:
                self._turn(handle)
                os.close(handle)
                handle = os.open(self.path, flags, 0o600)
            if os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, "only half a line was written")
        finally:
            os.close(handle)

    def _turn(self, handle: int) -> None:
        """By whoever comes first: another finds a new file there already."""
        import fcntl  # noqa: PLC0415  POSIX alone has it

        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if not os.path.samestat(os.fstat(handle), self.path.stat()):
                return
        except FileNotFoundError:
            return
        for number in range(_KEPT, 0, -1):
            older = self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            with suppress(FileNotFoundError):
                older.replace(self.path.with_name(f"{self.path.name}.{number}"))
