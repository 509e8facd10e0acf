"""The task file on a real file system: whole or not there, never over another, never out of its directory."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.errors import DeliveryError
from guardian.model import JSON, Key
from guardian.notify import task_file
from tests.notify.incidents import AT, SECRET, STORY, incident

KEYS = [
    "title",
    "description",
    "fix_hint",
    "severity",
    "created_at",
    "id",
    "incident",
    "check",
    "target",
    "node",
    "kind",
    "_sync_source",
    "symptoms",
    "root_cause_hypothesis",
    "evidence",
    "actions_tried",
]
NAME = "20261123T210332Z-process_health-writer#2-01JDXYZ.task"


def content(**changes: Any) -> dict[str, JSON]:
    return task_file.task(incident(**changes), STORY, AT)


def files(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_the_task_has_the_keys_of_the_contract_and_no_secret() -> None:
    made = content()
    assert list(made) == KEYS
    assert made["title"] == "[SENTINEL] writer#2 needs attention"
    assert (made["severity"], made["kind"], made["_sync_source"]) == ("high", "attention", "guardian")
    assert made["created_at"] == "2026-11-23T21:03:32+00:00"
    assert made["root_cause_hypothesis"] == "the codec lacks it"
    assert [step["action"] for step in made["actions_tried"]] == ["healed", "not verified"]  # type: ignore[index, union-attr]
    assert made["evidence"]["not_healed_because"] == "cooling down after a heal"  # type: ignore[index, call-overload]
    assert SECRET not in json.dumps(made, allow_nan=False)
    assert task_file.task(incident(evidence=None), (), AT, kind="quality_review")["kind"] == "quality_review"


def test_it_is_written_whole_readable_for_others_and_leaves_nothing_else(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        path = task_file.write(tmp_path, content())
    finally:
        os.umask(old)
    assert path == tmp_path / NAME
    assert files(tmp_path) == [NAME]
    assert json.loads(path.read_text(encoding="utf-8")) == content()
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.stat().st_nlink == 1


def test_the_same_incident_again_is_the_same_file_even_a_minute_later_and_edited_meanwhile(
    tmp_path: Path,
) -> None:
    path = task_file.write(tmp_path, content())
    path.write_text("an agent's notes")
    later = task_file.task(incident(), STORY, AT + timedelta(minutes=1))
    assert task_file.write(tmp_path, later) == path
    assert files(tmp_path) == [NAME]
    assert path.read_text() == "an agent's notes"


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ('a/b\\c:d*e?f"g<h>i|j\0k\nl m%', "a%2Fb%5Cc%3Ad%2Ae%3Ff%22g%3Ch%3Ei%7Cj%00k%0Al%20m%25"),
        ("агент-писатель", "агент-писатель"),
        ("\u202egnp", "%E2%80%AEgnp"),
        (".hidden", "%2Ehidden"),
        ("", ""),
    ],
)
def test_no_target_escapes_the_directory_by_its_name(target: str, part: str) -> None:
    made = content() | {"target": target}
    assert task_file.file_name(made) == f"20261123T210332Z-process_health-{part}-01JDXYZ.task"


def test_long_names_fit_and_stay_apart(tmp_path: Path) -> None:
    names = set()
    for end in "ab":
        made = content() | {"target": "ж" * 4000 + end, "check": "c" * 300, "incident": "i" * 300 + end}
        path = task_file.write(tmp_path, made)
        assert len(path.name.encode()) <= 220
        names.add(path.name)
        assert task_file.close(tmp_path, path.name, "ok", AT)
    assert len(names) == 2


def test_a_different_file_of_that_name_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(DeliveryError, match="File exists") as caught:
        task_file.write(tmp_path, content())
    assert caught.value.retryable
    assert files(tmp_path) == []
    (tmp_path / NAME).rmdir()
    outside = tmp_path / "outside"
    (tmp_path / NAME).symlink_to(outside)
    with pytest.raises(DeliveryError):
        task_file.write(tmp_path, content())
    assert not outside.exists()


def test_where_no_hard_link_can_be_made_it_still_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / NAME).mkdir()
    with pytest.raises(DeliveryError, match="File exists"):
        task_file.write(tmp_path, content())
    (tmp_path / NAME).rmdir()
    assert task_file.write(tmp_path, content()).exists()
    assert files(tmp_path) == [NAME]


def test_a_directory_that_is_missing_or_none_is_said_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for directory, reason in ((tmp_path / "missing", "No such file"), (tmp_path / "file", "Not a directory")):
        for act in (
            lambda d=directory: task_file.write(d, content()),
            lambda d=directory: task_file.close(d, NAME, "ok", AT),
        ):
            if directory.name == "file" and act.__code__.co_names[1] == "close":
                continue
            with pytest.raises(DeliveryError, match=reason) as caught:
                act()
            assert caught.value.retryable
            assert str(directory) in str(caught.value)
    assert files(tmp_path) == ["file"]


FULL = """
import json, resource, signal, sys
from pathlib import Path
from guardian.errors import DeliveryError
from guardian.notify import task_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    {act}
except DeliveryError as error:
    print("refused", error.retryable, error)
"""


def run_full(act: str, directory: Path, limit: int, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", FULL.replace("{act}", act), str(directory), str(limit)],
        input=stdin, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return done.stdout


def test_no_room_for_it_leaves_no_part_of_it(tmp_path: Path) -> None:
    said = run_full("task_file.write(Path(sys.argv[1]), json.load(sys.stdin))", tmp_path, 700, json.dumps(content()))
    assert said.startswith("refused True task directory")
    assert files(tmp_path) == []


def test_no_room_to_add_the_resolution_is_made_up_for_later(tmp_path: Path) -> None:
    task_file.write(tmp_path, content())
    close = f"""
    from datetime import datetime, UTC
    task_file.close(Path(sys.argv[1]), {NAME!r}, "ok", datetime.now(UTC))"""
    assert run_full(close, tmp_path, 700).startswith("refused True")
    assert task_file.close(tmp_path, NAME, "ok again", AT)
    assert files(tmp_path) == [f"done/{NAME}"]
    assert json.loads((tmp_path / "done" / NAME).read_text())["resolution"] == "ok again"


def test_a_read_only_directory_is_said(tmp_path: Path) -> None:
    made = (
        subprocess.run(["chattr", "+i", str(tmp_path)], capture_output=True, check=False) if os.geteuid() == 0 else None
    )
    if made is None:
        tmp_path.chmod(0o500)
    elif made.returncode:
        pytest.skip("root, and this file system knows no immutable directories: " + made.stderr.decode())
    try:
        with pytest.raises(DeliveryError, match=r"not permitted|denied") as caught:
            task_file.write(tmp_path, content())
        assert caught.value.retryable
    finally:
        if made is None:
            tmp_path.chmod(0o700)
        else:
            subprocess.run(["chattr", "-i", str(tmp_path)], check=True)


def test_leftovers_of_killed_writers_go_after_an_hour_and_other_files_stay(tmp_path: Path) -> None:
    now = time.time()
    ages = {
        ".guardian-old.tmp": 3700,
        ".guardian-new.tmp": 3500,
        "theirs.tmp": 9999,
        ".guardian-x.closing": 9999,
    }
    for name, age in ages.items():
        (tmp_path / name).write_text("half")
        os.utime(tmp_path / name, (now - age, now - age))
    task_file.write(tmp_path, content())
    assert files(tmp_path) == sorted([".guardian-new.tmp", "theirs.tmp", ".guardian-x.closing", NAME])


def test_closing_moves_it_and_says_how_it_ended(tmp_path: Path) -> None:
    path = task_file.write(tmp_path, content())
    made = json.loads(path.read_text())
    made["notes"] = "ключ found"
    path.write_text(json.dumps(made))
    assert task_file.close(tmp_path, path.name, "verified\nhealthy", AT) is True
    assert files(tmp_path) == [f"done/{NAME}"]
    closed = json.loads((tmp_path / "done" / NAME).read_text(encoding="utf-8"))
    assert closed == made | {"resolution": "verified healthy", "resolved_at": AT.isoformat()}


def test_a_file_that_is_gone_was_taken(tmp_path: Path) -> None:
    assert task_file.close(tmp_path, NAME, "ok", AT) is False
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / NAME).write_text("{}")
    assert task_file.close(tmp_path, NAME, "ok", AT) is False
    assert (tmp_path / "done" / NAME).read_text() == "{}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{half",
        b"[1]",
        b"\xff\xfe",
        b'{"a": 1e999}',
        b"[" * 100_000,
        b'{"a": "\\ud800"}',
        b'{"x": "' + b"a" * 2**20 + b'"}',
    ],
)
def test_a_file_that_is_no_task_any_more_is_moved_as_it_is(tmp_path: Path, data: bytes) -> None:
    (tmp_path / NAME).write_bytes(data)
    assert task_file.close(tmp_path, NAME, "ok", AT) is True
    assert (tmp_path / "done" / NAME).read_bytes() == data
    assert files(tmp_path) == [f"done/{NAME}"]


def test_closing_never_replaces_what_lies_in_done(tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / NAME).write_text("an older one")
    task_file.write(tmp_path, content())
    assert task_file.close(tmp_path, NAME, "ok", AT) is True
    assert (tmp_path / "done" / NAME).read_text() == "an older one"
    assert files(tmp_path) == [f"done/{NAME}", f"done/{NAME[:-5]}~2.task"]


@pytest.mark.parametrize("name", ["../x.task", "/etc/passwd", "a/b", "", ".", "..", ".hidden", "a\0b"])
def test_closing_takes_names_of_this_directory_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        task_file.close(tmp_path, name, "ok", AT)
    assert not caught.value.retryable


def test_a_link_in_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"a": 1}')
    (tmp_path / NAME).symlink_to(secret)
    assert task_file.close(tmp_path, NAME, "ok", AT) is False
    assert files(tmp_path) == sorted(["secret", NAME])


def _write_and_close_for_ever(directory: str, base: Mapping[str, JSON]) -> None:
    for n in range(1_000_000):
        path = task_file.write(Path(directory), {**base, "incident": f"{os.getpid()}x{n}"})
        if n % 2:
            task_file.close(Path(directory), path.name, "ok", AT)


def test_a_writer_that_is_killed_at_any_moment_never_leaves_half_a_file_and_loses_none(
    tmp_path: Path,
) -> None:
    made = content(key=Key("process_health", "n", "t"))
    context = multiprocessing.get_context("fork")
    for round_ in range(40):
        writer = context.Process(target=_write_and_close_for_ever, args=(str(tmp_path), made))
        writer.start()
        deadline = time.monotonic() + 30
        while not any(f"-{writer.pid}x" in name.name for name in tmp_path.iterdir()) and time.monotonic() < deadline:
            pass
        time.sleep(round_ % 10 * 0.0007)
        assert writer.pid
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.suffix != ".tmp":
            assert list(json.loads(path.read_bytes()))[: len(KEYS)] == KEYS
    for left in list((tmp_path / "done").glob(".guardian-*.closing")):
        name = left.name.removeprefix(".guardian-").removesuffix(".closing")
        assert task_file.close(tmp_path, name, "ok", AT) is True
    numbers: dict[str, set[int]] = {}
    for path in [*tmp_path.glob("*.task"), *(tmp_path / "done").glob("*.task")]:
        pid, n = path.stem.rpartition("-")[2].split("x")
        assert int(n) not in numbers.setdefault(pid, set()), "twice"
        numbers[pid].add(int(n))
        if path.parent.name == "done":
            assert json.loads(path.read_bytes())["resolution"] == "ok"
    assert len(numbers) == 40
    for seen in numbers.values():
        assert seen == set(range(len(seen)))


def _close(directory: str, name: str, results: Any) -> None:
    results.put(task_file.close(Path(directory), name, "ok", AT))


def test_of_several_who_close_it_at_once_it_is_moved_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for n in range(10):
        path = task_file.write(tmp_path, content() | {"incident": f"i{n}"})
        results: Any = context.Queue()
        closers = [context.Process(target=_close, args=(str(tmp_path), path.name, results)) for _ in range(4)]
        for closer in closers:
            closer.start()
        for closer in closers:
            closer.join()
        assert [closer.exitcode for closer in closers] == [0] * 4
        assert True in [results.get(timeout=30) for _ in closers]
    assert len(list((tmp_path / "done").iterdir())) == 10
    assert list(tmp_path.glob("*.task")) == []
