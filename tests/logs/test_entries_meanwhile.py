"""A log that is read, written and rotated at the same time: each line once, and nothing is taken for lost."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from guardian.logs.rotation.rotation import Rotation
from guardian.ports import RotationOrder
from tests.logs.test_entries import MUCH, Reading

LINES = 200_000
WRITER = """
import os, sys
def opened():
    return os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
log = opened()
for number in range(int(sys.argv[2])):
    os.write(log, b'{"n": %d}\\n' % number)
    if number % 500 == 0 and not os.path.exists(sys.argv[1]):  # renamed: reopened between two lines
        os.close(log)
        log = opened()
"""


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 20))])
def test_a_look_in_the_middle_of_a_rotation_neither_loses_nor_doubles(tmp_path: Path, pattern: str, seed: int) -> None:
    log, dice = tmp_path / "app.log", random.Random(seed)
    log.touch()
    reading = Reading([str(tmp_path / pattern)])
    reading.look()
    over = threading.Event()
    rotating = threading.Thread(target=_rotate, args=(log, random.Random(seed), over))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(log), str(LINES)])
    try:
        rotating.start()
        while writer.poll() is None:
            if dice.random() < 0.7:
                reading.look(dice.choice([200_000, 2_000_000]))
            else:  # by a worker that dies before what it read is kept
                Reading(reading.patterns, cursor=reading.cursor).look()
    finally:
        over.set()
        rotating.join()
        writer.kill()
        writer.wait()
    reading.all().all()
    assert sorted(reading.found) == list(range(LINES))
    assert reading.troubles == []


def _rotate(log: Path, dice: random.Random, over: threading.Event) -> None:
    """By renaming and by collapse, which lose nothing themselves."""
    turn = 0
    while not over.wait(dice.random() * 0.08):
        if not log.exists() or log.stat().st_size < 20_000:
            continue
        turn += 1
        if dice.random() < 0.5:
            log.rename(log.with_name(f"app.log.{turn}"))
        else:
            Rotation().rotate(str(log), RotationOrder(1000, MUCH))
