"""The `guardian` program in this process, or in one of its own on a terminal of a given width."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from guardian.cli.main import main

_LIMIT = 60.0


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Program:
    """Runs in this process, as if typed in the folder."""

    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Ran:
        self.captured.readouterr()
        self.patch.setattr(sys, "argv", ["guardian", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = self.captured.readouterr()
        assert isinstance(end.value.code, int)
        return Ran(end.value.code, out, err)


class Terminal:
    """A program on a terminal. `text` is all that it wrote there."""

    def __init__(self, folder: Path, columns: int, *arguments: str, lines: int = 50) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        environ = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guardian", *arguments],
            cwd=folder,
            env=environ | {"TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def read_until(self, wanted: str) -> None:
        """Reads on until it has written something that this pattern finds."""
        end = time.monotonic() + _LIMIT
        while not re.search(wanted, self.text):
            assert time.monotonic() < end, self.text
            assert self._read(), f"it ended without {wanted!r}: {self.text}"

    def finish(self) -> int:
        """Its exit code; `text` is then whole."""
        end = time.monotonic() + _LIMIT
        while self._read():
            assert time.monotonic() < end, self.text
        return self.process.wait(_LIMIT)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._own)

    def _read(self) -> bool:
        """False at the end."""
        if not select.select([self._own], [], [], 0.2)[0]:
            return self.process.poll() is None
        try:
            chunk = os.read(self._own, 65536)
        except OSError:  # all who held the terminal are gone
            return False
        self.text += chunk.decode(errors="replace")
        return bool(chunk)


def shown_on(folder: Path, columns: int, arguments: Sequence[str]) -> tuple[int, str]:
    terminal = Terminal(folder, columns, *arguments)
    try:
        return terminal.finish(), terminal.text
    finally:
        terminal.close()
