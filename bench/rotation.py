"""Lines lost while a log is rotated under its writer: Guardian's ways beside PM2's own and Debian's logrotate."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.machine import load
from guardian.logs.rotation import rotation
from guardian.logs.rotation.rotation import Rotation
from guardian.ports import RotationOrder
from tests.debian import hindrance, program
from tests.real_pm2 import RealPm2, running_pm2

LINES, LIMIT = 1_000_000, 1_000_000
PM2_LINES = 60_000
_WRITER = """
import os, sys
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
for number in range(int(sys.argv[2])):
    os.write(log, b"%08d\\n" % number)
"""
_KEEP_ALL = RotationOrder(keep=100_000, keep_bytes=10**12)

Rotate = Callable[[Path], None]


@dataclass(frozen=True)
class Row:
    writer: str
    way: str
    lines: int
    rotations: int
    lost: int
    twice: int

    def __str__(self) -> str:
        return (
            f"  {self.writer:<26} {self.way:<34} {self.lines:>9,} {self.rotations:>9} {self.lost:>8,} {self.twice:>6,}"
        )


def run() -> str:
    rows = [
        _appending("collapse (Guardian)", _guardian),
        _appending("copy and truncate (Guardian)", _copy_truncate),
        *_logrotate(),
        *_pm2(),
    ]
    head = f"  {'writer':<26} {'way':<34} {'lines':>9} {'rotations':>9} {'lost':>8} {'twice':>6}"
    title = f"Lines lost in rotating a log under its writer, at {LIMIT:,} bytes (load average {load()})"
    return "\n".join((title, head, *map(str, rows)))


def _guardian(log: Path) -> None:
    Rotation().rotate(str(log), _KEEP_ALL)


def _copy_truncate(log: Path) -> None:
    """As where the file system cannot collapse."""
    known, rotation._collapses = rotation._collapses, lambda *_: False  # type: ignore[assignment]
    try:
        Rotation().rotate(str(log), RotationOrder(100_000, 10**12, may_lose=True))
    finally:
        rotation._collapses = known


def _appending(way: str, rotate: Rotate) -> Row:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder) / "app.log"
        log.touch()
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(log), str(LINES)])
        rotations = _while(lambda: writer.poll() is None, log, LIMIT, rotate)
        return _counted("Python, O_APPEND", way, Path(folder), LINES, rotations)


def _while(goes_on: Callable[[], bool], log: Path, limit: int, rotate: Rotate) -> int:
    rotations = 0
    while goes_on():
        if log.exists() and log.stat().st_size > limit:
            rotate(log)
            rotations += 1
        time.sleep(0.001)
    return rotations


def _logrotate() -> Iterator[Row]:
    if why := hindrance({"logrotate": "logrotate"}):
        yield Row(f"(no logrotate: {why})", "", 0, 0, 0, 0)
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        config = Path(place) / "logrotate.conf"
        state = Path(place) / "state"

        def rotate(log: Path) -> None:
            log.parent.chmod(0o755)
            config.write_text(f"{log} {{ rotate 100000\n copytruncate\n size 1\n }}\n")
            config.chmod(0o644)
            command = [str(program("logrotate")), "-f", "-s", str(state), str(config)]
            subprocess.run(command, check=True, capture_output=True)

        yield _appending("logrotate, copytruncate", rotate)


def _pm2() -> Iterator[Row]:
    with running_pm2() as pm2:
        yield _under_pm2(pm2, "one", "collapse (Guardian)", _guardian)

        def reload(log: Path) -> None:
            log.rename(log.with_name(f"{log.name}.{time.time_ns()}"))
            pm2.call("reloadLogs", {})

        yield _under_pm2(pm2, "two", "rename and PM2's reloadLogs", reload)


def _under_pm2(pm2: RealPm2, name: str, way: str, rotate: Rotate) -> Row:
    folder = pm2.home / name
    folder.mkdir()
    log, over = folder / "app.log", pm2.home / f"{name}.over"
    counts = (
        f"i=0; while [ $i -lt {PM2_LINES} ]; do printf '%08d\\n' $i; i=$((i+1)); done; touch {over}; exec sleep 1000"
    )
    pm2.start(name, counts, out_file=str(log), error_file=str(pm2.home / f"{name}.err"), autorestart=False)
    rotations = _while(lambda: not over.exists(), log, PM2_LINES * 9 // 20, rotate)
    time.sleep(2)  # for what PM2 still holds
    return _counted("PM2 app", way, folder, PM2_LINES, rotations)


def _counted(writer: str, way: str, folder: Path, lines: int, rotations: int) -> Row:
    seen = bytearray(lines)
    for path in folder.iterdir():
        if path.name.startswith("app.log"):
            for word in path.read_bytes().replace(b"\0", b"").split():
                if len(word) == 8 and word.isdigit():
                    seen[int(word)] += 1
    return Row(writer, way, lines, rotations, seen.count(0), sum(count > 1 for count in seen))


if __name__ == "__main__":
    print(run())
