"""The reader of JSON logs: each line once, whatever becomes of the files; and nothing in them raises."""

import gzip
import json
import os
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.logs.entries import family, lines, siblings
from guardian.logs.entries.reader import JsonLogs
from guardian.logs.rotation import kernel
from guardian.logs.rotation.rotation import Rotation
from guardian.model import JSON
from guardian.ports import Entries, RotationOrder

MUCH = 10**9


@dataclass
class Reading:
    """Looks, one after the other; the cursor goes through JSON, as the store keeps it."""

    patterns: list[str]
    limit: int = MUCH
    cursor: JSON = None
    found: list[Any] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def look(self, limit: int | None = None) -> Entries:
        read = JsonLogs().read(self.patterns, self.cursor, limit or self.limit)
        self.cursor = json.loads(json.dumps(read.cursor))
        self.found += [entry.data["n"] if entry.data else entry.broken for entry in read.entries]
        self.troubles += read.troubles
        return read

    def all(self) -> "Reading":
        for _ in range(1000):
            if not self.look().behind_bytes:
                return self
        raise AssertionError("it never comes to the end")


class Log:
    """A log with numbered lines, and what is done to it."""

    def __init__(self, path: Path) -> None:
        self.path, self.next, self.turns = path, 0, 0
        path.touch()

    def write(self, count: int) -> None:
        with self.path.open("ab") as file:
            for _ in range(count):
                file.write(json.dumps({"n": self.next, "pad": "x" * (self.next * 7 % 60)}).encode() + b"\n")
                self.next += 1

    def half(self) -> None:
        """A line, in two writes."""
        text = json.dumps({"n": self.next}).encode() + b"\n"
        self.next += 1
        self._halves = text[7:]
        with self.path.open("ab") as file:
            file.write(text[:7])

    def other_half(self) -> None:
        with self.path.open("ab") as file:
            file.write(self._halves)

    def renamed(self) -> None:
        self.turns += 1
        self.path.rename(self.path.with_name(f"{self.path.name}.{self.turns}"))
        self.path.touch()

    def moved_up(self) -> None:
        """Each archive's number rises, and the log becomes the first."""
        archives = [path for path in self.path.parent.glob(f"{self.path.name}.*") if path.suffix[1:].isdigit()]
        for path in sorted(archives, key=lambda path: -int(path.suffix[1:])):
            path.rename(path.with_suffix(f".{int(path.suffix[1:]) + 1}"))
        self.turns += 1
        self.path.rename(self.path.with_name(f"{self.path.name}.1"))
        self.path.touch()

    def copied_and_emptied(self) -> None:
        self.turns += 1
        shutil.copyfile(self.path, self.path.with_name(f"{self.path.name}.{self.turns}"))
        os.truncate(self.path, 0)

    def collapsed(self) -> None:
        if self.path.stat().st_size > 10_000:
            Rotation().rotate(str(self.path), RotationOrder(1000, MUCH))


@pytest.fixture
def log(tmp_path: Path) -> Log:
    assert kernel.collapses(tmp_path, os.statvfs(tmp_path).f_bsize), "give --basetemp on ext4"
    return Log(tmp_path / "app.log")


@pytest.fixture
def reading(log: Log) -> Reading:
    return Reading([str(log.path)])


def test_it_goes_on_where_it_stopped(log: Log, reading: Reading) -> None:
    log.write(3)
    reading.look()
    log.write(2)
    reading.look()
    assert reading.look().entries == []
    assert reading.found == [0, 1, 2, 3, 4]


def test_half_a_line_waits(log: Log, reading: Reading) -> None:
    log.write(1)
    log.half()
    reading.look()
    assert reading.found == [0]
    log.other_half()
    reading.look()
    assert reading.found == [0, 1]


@pytest.mark.parametrize("pattern", ["app.log", "app.log*", "*"])
@pytest.mark.parametrize("turn", ["renamed", "copied_and_emptied", "collapsed"])
@pytest.mark.parametrize("unread", [0, 5, 500])
def test_what_was_not_read_before_a_rotation_is_read_after_it_once(
    log: Log, pattern: str, turn: str, unread: int
) -> None:
    reading = Reading([str(log.path.with_name(pattern))])
    log.write(300)
    reading.look()
    for _ in range(3):
        log.write(unread)
        getattr(log, turn)()
        log.write(20)
        reading.look()
        reading.look()
    assert reading.found == list(range(log.next))
    assert reading.troubles == []


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("turn", ["renamed", "copied_and_emptied", "collapsed"])
@pytest.mark.parametrize("limit", [MUCH, 2000])
def test_rotations_while_nobody_looked_are_read_all_and_once(
    log: Log, pattern: str, turn: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 500)
    reading = Reading([str(log.path.with_name(pattern))], limit=limit)
    log.write(200)
    reading.look()
    for _ in range(4):
        log.write(400)
        getattr(log, turn)()
        log.write(100)
    reading.all()
    log.write(50)
    reading.all()
    reading.all()
    assert sorted(reading.found) == list(range(log.next))
    assert reading.troubles == []


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("seed", [*range(5), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(5, 60))])
def test_whatever_is_done_in_whatever_order_each_line_counts_once(log: Log, pattern: str, seed: int) -> None:
    """A rotation between two looks is found; two between two looks are, by renaming."""
    dice = random.Random(seed)
    reading = Reading([str(log.path.with_name(pattern))], limit=3000)
    turns = ["renamed", "copied_and_emptied", "collapsed"]
    log.write(50)
    reading.all()
    for _ in range(25):
        log.write(dice.randrange(300))
        if dice.random() < 0.5:
            reading.look()
        if dice.random() < 0.5:
            getattr(log, dice.choice(turns))()
            log.write(dice.randrange(1, 50))
            reading.all()
    reading.all()
    assert sorted(reading.found) == list(range(log.next))
    assert reading.troubles == []


def test_a_backlog_is_read_in_slices_and_said(log: Log, reading: Reading) -> None:
    log.write(20_000)
    size = log.path.stat().st_size
    lines.LONGEST, known = 1000, lines.LONGEST
    try:
        first = reading.look(100_000)
    finally:
        lines.LONGEST = known
    assert 0 < first.behind_bytes < size
    assert len(reading.found) < 4000
    reading.all()
    assert reading.found == list(range(20_000))


def test_several_files_share_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 500)
    for name in "abc":
        (tmp_path / f"{name}.log").write_text(f'{{"n": "{name}"}}\n' * 2000)
    reading = Reading([str(tmp_path / "*.log")])
    read = reading.look(30_000)
    starts = {entry.place.rpartition(":")[0] for entry in read.entries}
    assert len(starts) == 3
    reading.all()
    assert sorted(reading.found) == sorted("abc" * 2000)


def test_what_was_lost_unread_is_said(log: Log, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 500)
    log.write(100)
    first = reading.look(1000)
    os.truncate(log.path, 0)
    log.write(1)
    reading.look()
    (said,) = reading.troubles
    assert said == f"{log.path}: emptied or replaced with {first.behind_bytes} bytes that were not read"
    log.path.write_bytes(b"")
    log.write(100)
    behind = reading.look(1000).behind_bytes
    log.path.unlink()
    reading.look()
    assert reading.troubles[-1] == f"{log.path}: removed with {behind} bytes that were not read"


def test_a_file_that_another_one_replaced_under_the_same_inode_is_read_from_its_begin(
    log: Log, reading: Reading
) -> None:
    log.write(10)
    reading.look()
    with log.path.open("r+b") as file:
        file.truncate()
        file.write(b'{"n": 99}\n' * 100)
    reading.look()
    assert reading.found == [*range(10), *[99] * 100]


def test_two_logs_that_begin_alike_are_two_logs(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text('{"n": 0}\n')
    reading = Reading([str(tmp_path / "*.log")])
    reading.look()
    with (tmp_path / "b.log").open("a") as file:
        file.write('{"n": 1}\n')
    (tmp_path / "c.log").write_text('{"n": 0}\n{"n": 2}\n')
    reading.look()
    assert sorted(reading.found) == [0, 0, 0, 1, 2]


# What is in the lines

ODD: list[tuple[bytes, list[Any]]] = [
    (b"\n\n  \n\r\n", []),
    (b'{"n": 1}\r\n', [1]),
    (b"{'n': 1}\n", ["no JSON"]),
    (b"[1]\n", ["no JSON object"]),
    (b"7\n", ["no JSON object"]),
    (b"null\n", ["no JSON object"]),
    (b'"text"\n', ["no JSON object"]),
    (b'{"n": 1}{"n": 2}\n', ["no JSON"]),
    (b'{"n": 1\n', ["no JSON"]),
    (b'\0\0\0\0{"n": 1}\n', [1]),
    (b"\0\0\0\n", []),
    (b'{"n": "\xff"}\n', ["\N{REPLACEMENT CHARACTER}"]),
    (b'\xef\xbb\xbf{"n": 1}\n{"n": 2}\n', [1, 2]),
    ('\ufeff{"n": "\u2713"}\n{"n": 2}\n'.encode("utf-16-le"), ["\u2713", 2]),
    ('\ufeff{"n": "a\u2028b\x85"}\n'.encode("utf-16-le"), ["a\u2028b\x85"]),
    ('\ufeff{"n": "\u0a0a"}\n{"n": 2}\n'.encode("utf-16-be"), ["\u0a0a", 2]),
    (b'{"n":' + b"[" * 100_000 + b"\n", ["too deep"]),
    (b'{"n": 1' + b"0" * 5000 + b"}\n", ["no JSON"]),
    (b'{"n": NaN}\n', ["nan"]),
    (b"\xff\xfe\xfd\x00\n\x00", ["no JSON"]),
    (b"\x00\x01\x02\x80\n", ["no JSON"]),
    (b'{"n": 1, "n": 2}\n', [2]),
]


@pytest.mark.parametrize(("data", "found"), ODD, ids=range(len(ODD)))
def test_an_odd_line_is_what_it_is_and_the_next_one_is_read(
    log: Log, reading: Reading, data: bytes, found: list[Any]
) -> None:
    log.path.write_bytes(data)
    reading.look()
    after = '{"n": "after"}\n'
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    with log.path.open("ab") as file:
        file.write(after.encode("utf-16-be" if data[:2] == b"\xfe\xff" else "utf-16-le") if wide else after.encode())
    reading.look()
    assert reading.found[-1] == "after"
    before = [str(each) if isinstance(each, float) else each for each in reading.found[:-1]]
    assert before == found


def test_a_line_that_is_too_long_is_passed_over_wherever_it_is_cut(log: Log, reading: Reading) -> None:
    log.write(1)
    with log.path.open("ab") as file:
        file.write(b'{"n": "' + b"x" * 3_500_000)
    reading.look(700_000)
    reading.all()
    with log.path.open("ab") as file:
        file.write(b'"}\n')
    log.write(1)
    reading.all()
    assert reading.found == [0, f"longer than {lines.LONGEST} bytes", 1]


def test_the_place_of_a_broken_line_is_its_first_byte(log: Log) -> None:
    log.path.write_bytes(b'{"n": 1}\nbroken\n')
    (_, entry) = JsonLogs().read([str(log.path)], None, MUCH).entries
    assert entry.place == f"{log.path}:9"


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_nothing_in_a_file_raises(first: bytes, second: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.log"
        path.write_bytes(first)
        read = JsonLogs().read([str(path)], None, 100)
        path.write_bytes(first + second)
        JsonLogs().read([str(path)], read.cursor, 100)


# What is no log


def test_what_cannot_be_read_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    Log(tmp_path / "b.log").write(1)
    os.mkfifo(tmp_path / "a.log")
    (tmp_path / "loop.log").symlink_to("loop.log")
    (tmp_path / "gone.log").symlink_to("nowhere")
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "old.log.gz").write_bytes(gzip.compress(b'{"n": 7}\n'))
    reading = Reading([str(tmp_path / "*.log*")])
    reading.look()
    assert reading.found == [0]
    assert sorted(said.rpartition("/")[2] for said in reading.troubles) == [
        "a.log: it is no regular file",
        "loop.log: Too many levels of symbolic links",
    ]


def test_a_log_that_was_never_there_is_absent_and_one_that_is_gone_is_not(log: Log, tmp_path: Path) -> None:
    assert JsonLogs().read([str(tmp_path / "none*")], None, MUCH).absent
    log.write(1)
    reading = Reading([str(log.path)])
    assert not reading.look().absent
    log.path.unlink()
    for _ in range(3):
        assert not reading.look().absent
        assert reading.troubles[-1] == "the log that was there is gone"


def test_a_link_and_its_file_are_one_log(log: Log, tmp_path: Path) -> None:
    log.write(3)
    (tmp_path / "link.log").symlink_to(log.path)
    os.link(log.path, tmp_path / "twin.log")
    reading = Reading([str(tmp_path / "*.log")])
    reading.look()
    assert reading.found == [0, 1, 2]


@pytest.mark.parametrize(
    "cursor", [{"logs": {"/a": {"nonsense": 1}}}, {"logs": 7}, {"logs": {"/a": 7}}, "x", 3, [], {"other": 1}]
)
def test_a_cursor_that_is_not_understood_begins_anew(log: Log, cursor: JSON) -> None:
    log.write(2)
    assert len(JsonLogs().read([str(log.path)], cursor, MUCH).entries) == 2


def test_files_that_are_gone_are_forgotten(log: Log, reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family, "FORGOTTEN_AFTER", 2)
    for _ in range(10):
        log.write(5)
        log.renamed()
        reading.look()
    assert isinstance(reading.cursor, dict)
    assert len(reading.cursor["logs"][str(log.path)]["files"]) <= 5
    log.write(5)
    reading.all()
    assert reading.found == list(range(5, log.next))  # the first five were rotated away before the first look


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("limit", [700, 3000, MUCH])
@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 200))])
def test_several_rotations_between_two_looks_are_read_all_and_once_although_there_is_a_backlog(
    log: Log, pattern: str, limit: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 500)
    dice, reading = random.Random(seed), Reading([str(log.path.with_name(pattern))], limit)
    log.write(50)
    reading.all()
    for _ in range(8):
        log.write(dice.choice([0, 1, dice.randrange(2, 200)]))
        if dice.random() < 0.6:
            getattr(log, dice.choice(["renamed", "moved_up", "copied_and_emptied", "collapsed"]))()
        if dice.random() < 0.35:
            reading.look()
    log.write(5)
    reading.all().all()
    assert sorted(reading.found) == list(range(log.next))
    assert reading.troubles == []


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
@pytest.mark.parametrize("turn", ["renamed", "copied_and_emptied"])
@pytest.mark.parametrize("read_first", [0, 40])
@pytest.mark.parametrize("limit", [700, MUCH])
def test_what_several_rotations_made_between_two_looks_is_read_once(
    log: Log, pattern: str, turn: str, read_first: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST", 300)
    reading = Reading([str(log.path.with_name(pattern))], limit)
    log.write(read_first)
    reading.look(MUCH)
    for _ in range(4):
        log.write(40)
        tick(log.path)
        getattr(log, turn)()
        log.write(3)
    reading.all()
    assert sorted(reading.found) == list(range(log.next))
    assert reading.troubles == []
    reading.all()
    assert len(reading.found) == log.next


@pytest.mark.parametrize("pattern", ["app.log", "app.log*"])
def test_a_backup_beside_the_copy_is_no_second_copy(log: Log, pattern: str) -> None:
    reading = Reading([str(log.path.with_name(pattern))])
    log.write(30)
    reading.look()
    log.write(30)
    shutil.copyfile(log.path, log.path.with_name("app.log.bak"))
    log.write(30)
    tick(log.path)
    log.copied_and_emptied()
    log.write(3)
    reading.all().all()
    assert reading.found == list(range(log.next))
    assert reading.troubles == []


def test_what_was_read_between_copy_and_emptying_hides_nothing_of_the_next_copies(log: Log, reading: Reading) -> None:
    log.write(10)
    reading.look()
    log.write(200)
    shutil.copyfile(log.path, log.path.with_name("app.log.1"))
    log.write(50)
    reading.look()
    os.truncate(log.path, 0)
    log.turns = 1
    for _ in range(3):
        log.write(3)
        tick(log.path)
        log.copied_and_emptied()
    log.write(3)
    reading.all().all()
    assert reading.found == list(range(log.next))


def tick(path: Path) -> None:
    """The next thing that is written has another time."""
    before = path.stat().st_mtime_ns
    other = path.with_name(".tick")
    while not other.exists() or other.stat().st_mtime_ns <= before:
        other.write_bytes(b"")


def test_other_logs_and_backups_beside_it_are_not_read(log: Log, reading: Reading) -> None:
    log.write(30)
    reading.look()
    tick(log.path)
    shutil.copyfile(log.path, log.path.with_name("app.log.bak"))
    for name in ("app-eu.log", "app.log.lock", "app.logs", "other.log.1"):
        log.path.with_name(name).write_text('{"n": "other"}\n')
    log.write(1)
    reading.all()
    assert reading.found == list(range(31))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("app.log.1", True),
        ("app.log-20261125", True),
        ("app.log.2026-11-25T10:00:00Z", True),
        ("app.log.OLD", True),
        ("app__2026-11-25_00-00-00.log", True),
        ("app.log", False),
        ("app.log.lock", False),
        ("app.logs.1", False),
        ("app-eu.log", False),
        ("app-2b.log", False),
    ],
)
def test_the_names_that_rotation_gives_are_known(name: str, is_one: bool) -> None:
    assert siblings.is_rotated(name, "app.log") is is_one
