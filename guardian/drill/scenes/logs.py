"""A program writes at full speed into a log that nobody rotates."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene
from guardian.logs.rotation.archives import archives

_LINES = 400_000
_CONFIG = (
    NO_SUPERVISORS
    + """[checks.log_rotation]
files = ["{log}"]
max_size = "1MB"
keep = 1000
"""
)
_WRITER = """
import os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
os.write(1, b"ready\\n")
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    os.write(log, b"line %08d\\n" % number)
os.write(1, b"done\\n")
sys.stdin.readline()
"""


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    log = folder / "agent.log"
    log.touch()
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(log), str(_LINES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        _said(writer, b"ready")

        def write() -> None:
            if writer.stdin is not None:
                writer.stdin.write(b"go\n")
                writer.stdin.flush()
            _said(writer, b"done")

        words = f"a program that writes {_LINES:,} numbered lines, and keeps its log open"
        yield Staged(_CONFIG.format(log=log), words, write, lambda: _counted(log))
    finally:
        writer.kill()
        writer.communicate()


def _said(writer: subprocess.Popen[bytes], word: bytes) -> None:
    if writer.stdout is None or writer.stdout.readline().strip() != word:
        raise SandboxError(f"the writer ended before it was {word.decode()}")


def _counted(log: Path) -> str:
    """Each line, in the archives and the log, once and in order."""
    files = [*archives(log), log]
    lines = [line for path in files for line in path.read_bytes().splitlines() if line.strip()]
    numbers = [int(line.split()[1]) for line in lines]
    if numbers != list(range(_LINES)):
        raise SandboxError(f"{_LINES - len(set(numbers))} lines lost, {len(numbers) - len(set(numbers))} twice")
    return (
        f"{_LINES:,} lines in {len(files) - 1} archives and a log of {log.stat().st_size} bytes: none lost, none twice"
    )


SCENE = Scene("A log grows at full speed, and is rotated without losing a line", "log_rotation", stage)
