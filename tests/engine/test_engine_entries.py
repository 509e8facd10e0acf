"""A check that reads a log, in real patrols that are killed: what it read and where it stopped are kept together."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.engine.patrol import patrol
from guardian.logs.entries.reader import JsonLogs
from guardian.model import Memory, Status, Verdict
from guardian.ports import Entries, Ports
from guardian.settings import Model
from tests.engine.drive import Drive

LINES, ROTATIONS, SLICE = 1_000_000, 20, 4_000_000
WRITER = """
import glob, os, sys, time
def opened():
    return os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
log = opened()
for number in range(int(sys.argv[2])):
    os.write(log, b'{"n": %d}\\n' % number)
    if number and number % 47_000 == 0:  # at full speed, and not so far ahead that there is nothing left to rotate
        while len(glob.glob(sys.argv[1] + ".*")) < number // 47_000 - 1:
            time.sleep(0.001)
    if number % 500 == 0 and not os.path.exists(sys.argv[1]):  # renamed: reopened between two lines
        os.close(log)
        log = opened()
"""


class Params(Model):
    pattern: str = Field("", description="Which logs.")


def probe(ports: Ports, params: Params, _only: str | None, memory: Memory) -> Entries:
    return ports.entries.read([params.pattern], memory.get("cursor"), SLICE)


def judge(read: Entries, _params: Params, memory: Memory, _now: datetime) -> Judgement:
    numbers = [entry.data["n"] for entry in read.entries if entry.data]
    sums = {
        "count": memory.get("count", 0) + len(numbers),
        "sum": memory.get("sum", 0) + sum(numbers),
        "squares": memory.get("squares", 0) + sum(number * number for number in numbers),
        "broken": memory.get("broken", 0) + len(read.entries) - len(numbers),
        "behind": read.behind_bytes,
        "troubles": [*memory.get("troubles", ()), *read.troubles],
        "cursor": read.cursor,
    }
    return Judgement([Verdict("log", Status.OK, "counted")], sums)


CHECK = Check(
    "Counting", timedelta(seconds=10), Params, probe, judge, lambda *_: TargetEvidence(), continues=True
)  # fmt: skip


@dataclass
class Counting:
    drive: Drive

    def memory(self) -> Memory:
        return self.drive.store.last_look("counting", self.drive.engine.node).memory

    def look(self, kill_within: float | None, dice: random.Random) -> bool:
        """One patrol, in a process of its own; whether it was killed."""
        child = os.fork()
        if child == 0:
            try:
                patrol(self.drive.engine, "counting")
            finally:
                os._exit(0)
        if kill_within is not None:
            time.sleep(dice.random() * kill_within)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        return os.WIFSIGNALED(status)


@pytest.fixture
def counting(drive: Drive) -> Counting:
    def configure(pattern: str) -> None:
        drive.configure("", {"counting": replace(CHECK, params=Params)})
        settings = drive.engine.config.checks["counting"]
        checks = {"counting": replace(settings, params=Params(pattern=pattern))}
        config = drive.engine.config.model_copy(update={"checks": checks})
        drive.engine = replace(drive.engine, config=config, ports=replace(drive.engine.ports, entries=JsonLogs()))

    configure(str(drive.folder / "app.log"))
    return Counting(drive)


def test_what_a_patrol_read_counts_once_although_two_looked_at_once(counting: Counting) -> None:
    log = counting.drive.folder / "app.log"
    log.write_text('{"n": 1}\n{"n": 2}\n')
    first = counting.drive.engine.store.last_look("counting", counting.drive.engine.node)
    patrol(counting.drive.engine, "counting")
    assert first.memory == {}
    with log.open("a") as file:
        file.write('{"n": 4}\n')
    patrol(counting.drive.engine, "counting")
    memory = counting.memory()
    assert (memory["count"], memory["sum"]) == (3, 7)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_million_lines_twenty_rotations_and_random_kills_count_each_line_once(
    counting: Counting, capsys: pytest.CaptureFixture[str]
) -> None:
    log, seed = counting.drive.folder / "app.log", random.randrange(10**9)
    dice, kills, looks = random.Random(seed), 0, 0
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(log), str(LINES)])
    try:
        _until(log.exists)
        counting.look(None, dice)  # what was rotated away before the first look is no part of it
        turns = 0
        while (writing := writer.poll() is None) or counting.memory().get("behind"):
            if writing and turns < ROTATIONS and _size(log) > 300_000:
                turns += 1
                (_rename if dice.random() < 0.5 else _copy_and_empty)(log, turns)
            looks += 1
            kills += counting.look(0.05 if writing and dice.random() < 0.6 else None, dice)
    finally:
        writer.kill()
        writer.wait()
    counting.look(None, dice)
    counting.look(None, dice)
    memory = counting.memory()
    there = [number for path in log.parent.glob("app.log*") for number in _whole(path)]
    lost = LINES - len(set(there))
    with capsys.disabled():
        print(f"\n{LINES:,} lines, {ROTATIONS} rotations, {looks} looks, {kills} kills: {memory['count']:,} counted; "
              f"{lost} lost by copying and emptying itself (seed {seed})")  # fmt: skip
    assert len(there) == len(set(there))
    expected = (len(there), sum(there), sum(number * number for number in there))
    assert (memory["count"], memory["sum"], memory["squares"]) == expected
    assert memory["troubles"] == []
    assert len(list(log.parent.glob("app.log.*"))) == ROTATIONS
    assert kills >= 3


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except FileNotFoundError:
        return 0


def _whole(path: Path) -> list[int]:
    """A copy may end in half a line, whose other half was lost with the emptying."""
    return [int(line[6:-1]) for line in path.read_bytes().splitlines() if line.endswith(b"}")]


def _rename(log: Path, turn: int) -> None:
    log.rename(log.with_name(f"app.log.{turn}"))


def _copy_and_empty(log: Path, turn: int) -> None:
    shutil.copyfile(log, log.with_name(f"app.log.{turn}"))
    os.truncate(log, 0)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
