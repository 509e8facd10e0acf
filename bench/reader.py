"""Reading a JSON log from where one stopped, beside orjson over the same file in one pass."""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson

from bench.machine import load
from guardian.logs.entries.reader import JsonLogs

LINES, ROUNDS, SLICE = 500_000, 5, 4_000_000
LEAST = 0.4


def run() -> str:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "costs.jsonl"
        _write(path)
        size = path.stat().st_size / 1e6
        rounds = [(_seconds(lambda: _orjson(path)), _seconds(lambda: _reader(path))) for _ in range(ROUNDS)]
    floor, ours = (statistics.median(each) for each in zip(*rounds, strict=True))
    verdict = "kept" if floor / ours >= LEAST else "NOT kept"
    return "\n".join(
        (
            f"A JSON log of {LINES:,} lines, {size:.0f} MB (load average {load()})   MB/s of CPU",
            f"  orjson.loads of each line, one pass           {size / floor:9.0f}",
            f"  the reader, in slices of {SLICE / 1e6:.0f} MB                {size / ours:9.0f}",
            f"  ratio {floor / ours:.2f} (at least {LEAST}): {verdict}",
        )
    )


def _write(path: Path) -> None:
    dice = random.Random(1)
    with path.open("w") as file:
        for number in range(LINES):
            line = {
                "time": 1_780_000_000 + number,
                "agent": f"agent-{dice.randrange(20)}",
                "model": "gpt-4o",
                "input_tokens": dice.randrange(5000),
                "output_tokens": dice.randrange(2000),
                "cost": round(dice.random(), 6),
            }
            file.write(json.dumps(line) + "\n")


def _orjson(path: Path) -> None:
    count = 0
    with path.open("rb") as file:
        for line in file:
            count += len(orjson.loads(line)) > 0
    assert count == LINES


def _reader(path: Path) -> None:
    cursor, count, behind = None, 0, 1
    while behind:
        read = JsonLogs().read([str(path)], cursor, SLICE)
        cursor, behind = read.cursor, read.behind_bytes
        count += len(read.entries)
    assert count == LINES


def _seconds(act: Callable[[], None]) -> float:
    """Of CPU: others work on the machine too."""
    begin = time.process_time()
    act()
    return time.process_time() - begin


if __name__ == "__main__":
    print(run())
