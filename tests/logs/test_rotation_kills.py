"""Rotation beside a writer at full speed, killed at random: every line once. `--million-lines 10` in the soak."""

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.errors import RemedyError
from guardian.logs.rotation import kernel
from guardian.logs.rotation.archives import NOTE, archives, hidden
from guardian.logs.rotation.rotation import Rotation
from guardian.ports import Reopen, RotationOrder
from tests.real_pm2 import running_pm2, wait_for

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

LINES, LIMIT, KILLS = 1_000_000, 500_000, 50
KEEP_ALL = {"keep": 100_000, "keep_bytes": 10**12}
_ENOUGH = 1000
"""Rotations after the end of the writer: one that a kill left unfinished ends with the next."""

# Short lines and long ones, so that the cut goes through lines of every length.
WRITER = """
import os, signal, sys, time
path, lines, pace = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
def opened(*_):
    global log
    old, log = log, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    if old is not None:
        os.close(old)
log, again = None, False
def ask(*_):
    global again
    again = True
signal.signal(signal.SIGUSR1, ask)
opened()
print(1, flush=True)
for number in range(lines):
    if again:  # between two lines, as programs that reopen cleanly do
        again = False
        opened()
    os.write(log, b"%08d %s\\n" % (number, b"x" * (number * 7 % 90)))
    if pace and number % 1000 == 0:
        time.sleep(pace)
"""


@dataclass
class Writing:
    log: Path
    process: subprocess.Popen[bytes]

    def over(self) -> bool:
        return self.process.poll() is not None

    def too_large(self) -> bool:
        try:
            return self.log.stat().st_size > LIMIT
        except FileNotFoundError:
            return False


@contextmanager
def writing(folder: Path, lines: int, pace: float = 0) -> Iterator[Writing]:
    log = folder / "app.log"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(log), str(lines), str(pace)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        yield Writing(log, process)
    finally:
        process.kill()
        process.communicate()


def counted(log: Path, lines: int) -> tuple[int, int]:
    """(lost, twice). Fails on a torn line."""
    seen = bytearray(lines)
    for path in [*archives(log), log]:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for line in file:
                if line.strip():
                    number = int(line[:8])
                    assert len(line) == 10 + number * 7 % 90, f"torn in {path.name}: {line!r}"
                    seen[number] += 1
    return seen.count(0), sum(count > 1 for count in seen)


def rotate_with_kills(writing: Writing, order: RotationOrder, seed: int) -> tuple[int, int]:
    """Rotates whenever it has to, each time in a process of its own, which at times is killed within moments.
    (rotations, kills)"""
    chance, rotations, kills = random.Random(seed), 0, 0
    took, after = 0.02, 0
    while after < _ENOUGH:
        ended = writing.over()
        after += ended
        if writing.too_large() or hidden(writing.log, NOTE).exists():
            child = _rotating(writing.log, order)
            began = time.monotonic()
            if kills < KILLS and not ended and chance.random() < 0.8:
                time.sleep(chance.random() * took)
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                kills += 1
            else:
                rotations += 1
                took = max(0.002, (time.monotonic() - began) * 1.2)
        elif ended:
            return rotations, kills
        else:
            time.sleep(0.001)
    raise AssertionError(f"the last rotation does not end (seed {seed})")


def _rotating(log: Path, order: RotationOrder) -> int:
    child = os.fork()
    if child == 0:
        try:
            Rotation().rotate(str(log), order)
        except RemedyError:
            os._exit(1)  # it goes on with it at the next look
        finally:
            os._exit(0)
    return child


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """On a file system that cuts heads off: the temporary folder's own, or an ext4 in a file."""
    if kernel.collapses(tmp_path, os.statvfs(tmp_path).f_bsize):
        yield tmp_path
        return
    if os.geteuid() != 0:
        pytest.fail(
            f"{tmp_path} cannot cut the head off a file, and only root can mount an ext4: give --basetemp on one"
        )
    image, mounted = tmp_path / "ext4.img", tmp_path / "ext4"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(4_000_000_000)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(mounted)], check=True)
    try:
        yield mounted
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


@pytest.fixture
def lines(request: pytest.FixtureRequest) -> int:
    millions: int = request.config.getoption("--million-lines", default=1)
    return LINES * millions


@pytest.mark.parametrize("way", ["collapse", "reopen"])
def test_a_million_lines_at_full_speed_and_fifty_kills_lose_and_double_none(
    folder: Path, lines: int, way: str, record: Callable[[str], None]
) -> None:
    seed = random.randrange(10**9)
    # so that fifty kills come before the writer's end: reopening takes as long as the writer takes to hear of it
    pace = 0.004 if way == "reopen" else 0.002
    with writing(folder, lines, pace) as work:
        pid_file = folder / "writer.pid"
        pid_file.write_text(str(work.process.pid))
        reopen = Reopen("USR1", str(pid_file), within=timedelta(seconds=10)) if way == "reopen" else None
        rotations, kills = rotate_with_kills(work, RotationOrder(**KEEP_ALL, reopen=reopen), seed)
    lost, twice = counted(work.log, lines)
    record(f"{way}: {lines:,} lines, {rotations} rotations, {kills} kills, {lost} lost, {twice} twice (seed {seed})")
    assert (lost, twice) == (0, 0)
    assert kills >= KILLS // 5  # on a busy machine the writer is done before all of them came
    assert rotations >= 20


def test_a_pm2_app_at_full_speed_loses_and_doubles_none(folder: Path, record: Callable[[str], None]) -> None:
    lines = 60_000
    counts = (
        f"i=0; while [ $i -lt {lines} ]; do printf '%08d \\n' $i; i=$((i+1)); done; touch \"$0.over\"; exec sleep 1000"
    )
    with running_pm2() as pm2:
        log = folder / "pm2.log"
        pm2.start("writer", counts, out_file=str(log), error_file=str(folder / "err.log"), autorestart=False)
        rotations = 0
        while not (over := list(pm2.home.glob("*.over"))) or log.stat().st_size > LIMIT // 10:
            if log.exists() and log.stat().st_size > LIMIT // 10:
                Rotation().rotate(str(log), RotationOrder(**KEEP_ALL))
                rotations += 1
            time.sleep(0.001)
        assert over
        wait_for("PM2 has written all", lambda: _last(log) == lines - 1)
    found = [int(line) for path in [*archives(log), log] for line in path.read_bytes().split()]
    record(f"PM2: {lines:,} lines, {rotations} rotations, {lines - len(set(found))} lost")
    assert found == list(range(lines))
    assert rotations >= 5


def _last(log: Path) -> int | None:
    """The newest line's number, wherever it is by now."""
    words = [word for path in [*archives(log)[-1:], log] for word in path.read_bytes().split()]
    return int(words[-1]) if words else None


@pytest.fixture
def record(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")

    return say
