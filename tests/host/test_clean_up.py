"""Twenty-five hostile layouts, on a real file system: the old rotated log goes, and nothing else does."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.host import clean_up
from guardian.host.clean_up import ASIDE, clean
from guardian.ports import Cleaned, CleanUp, Room

LATER = 2 * 86_400
"""Seconds from now at which the clean-up believes to be: what a test has just made is two days old then."""
EVERYTHING = Room(10**18)
PATTERNS = ("*.log.[0-9]*", "*.log-[0-9]*", "*.log.*.gz")


def order(*folders: Path, room: Room = EVERYTHING) -> CleanUp:
    return CleanUp(str(folders[0].parent), [str(each) for each in folders], PATTERNS, timedelta(days=1), room)


def cleaned(*folders: Path, dry_run: bool = False, room: Room = EVERYTHING) -> Cleaned:
    return clean(order(*folders, room=room), dry_run=dry_run, now=time.time() + LATER)


def old(path: Path, size: int = 4096) -> Path:
    path.write_bytes(b"x" * size)
    return path


class Layout:
    """A folder that may be cleaned, one outside, and what has to be closed in the end."""

    def __init__(self, base: Path, stack: ExitStack) -> None:
        self.logs, self.outside, self.stack = base / "logs", base / "outside", stack
        self.logs.mkdir()
        self.outside.mkdir()


def symlink_out(it: Layout) -> None:
    (it.logs / "a.log.2").symlink_to(old(it.outside / "target"))


def symlink_inside(it: Layout) -> None:
    (it.logs / "current").symlink_to(old(it.logs / "app.log-20240101"))


def symlinked_folder(it: Layout) -> None:
    old(it.outside / "b.log.1")
    (it.logs / "sub").symlink_to(it.outside)


def symlink_to_parent(it: Layout) -> None:
    old(it.outside / "c.log.1")
    (it.logs / "up").symlink_to("..")


def symlink_to_nothing(it: Layout) -> None:
    (it.logs / "n.log.1").symlink_to("nowhere")


def symlink_to_itself(it: Layout) -> None:
    (it.logs / "s.log.1").symlink_to("s.log.1")


def hard_link_out(it: Layout) -> None:
    os.link(old(it.outside / "precious"), it.logs / "h.log.1")


def hard_link_inside(it: Layout) -> None:
    os.link(old(it.logs / "app.log"), it.logs / "app.log.7")


def open_for_writing(it: Layout) -> None:
    it.stack.enter_context(old(it.logs / "o.log.1").open("ab"))


def open_for_reading(it: Layout) -> None:
    it.stack.enter_context(old(it.logs / "r.log.1").open("rb"))


def open_in_another_process(it: Layout) -> None:
    path = old(it.logs / "p.log.1")
    code = "import sys; f = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    process = it.stack.enter_context(
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    )
    assert process.stdout is not None
    process.stdout.readline()
    it.stack.callback(process.kill)


def folder_with_a_logs_name(it: Layout) -> None:
    (it.logs / "d.log.1").mkdir()
    (it.logs / "d.log.1" / "keep").write_text("x")


def pipe(it: Layout) -> None:
    os.mkfifo(it.logs / "f.log.1")


def socket_file(it: Layout) -> None:
    import socket  # noqa: PLC0415

    made = it.stack.enter_context(socket.socket(socket.AF_UNIX))
    here = Path.cwd()
    os.chdir(it.logs)  # a socket's name is short
    try:
        made.bind("s.log.1")
    finally:
        os.chdir(here)


def no_rotated_name(it: Layout) -> None:
    for name in ("app.log", "app.log.old", "data.1", "log.1.txt", "app.logx.1"):
        old(it.logs / name)


def name_with_a_newline(it: Layout) -> None:
    old(it.logs / "x.log\n.1.txt")
    old(it.logs / "two\nlines")


def name_that_is_no_text(it: Layout) -> None:
    path = os.fsencode(it.logs) + b"/\xff\xfe.txt"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(b"x")


def name_like_an_option(it: Layout) -> None:
    old(it.logs / "-rf")
    old(it.logs / "--no-preserve-root")


def name_like_a_pattern(it: Layout) -> None:
    old(it.logs / "[0-9]*")
    old(it.logs / "*")


def longest_name(it: Layout) -> None:
    old(it.logs / ("n" * 255))


def deep_folders(it: Layout) -> None:
    place = it.logs
    for _ in range(40):
        place /= "d"
        place.mkdir()
    old(place / "deep.log.1")


def future_time(it: Layout) -> None:
    path = old(it.logs / "z.log.1")
    ahead = time.time() + 10 * LATER
    os.utime(path, (ahead, ahead))


def old_time_on_a_new_file(it: Layout) -> None:
    """Its time of change is new: the order's own is what counts (see the test of the minimum age)."""
    os.utime(old(it.logs / "app.log"), (0, 0))


def folder_without_rights(it: Layout) -> None:
    (it.logs / "closed").mkdir(mode=0)
    it.stack.callback((it.logs / "closed").chmod, 0o700)


def a_logs_name_outside(it: Layout) -> None:
    old(it.outside / "app.log.1")


LAYOUTS: list[Callable[[Layout], None]] = [
    symlink_out, symlink_inside, symlinked_folder, symlink_to_parent, symlink_to_nothing, symlink_to_itself,
    hard_link_out, hard_link_inside, open_for_writing, open_for_reading, open_in_another_process,
    folder_with_a_logs_name, pipe, socket_file, no_rotated_name, name_with_a_newline, name_that_is_no_text,
    name_like_an_option, name_like_a_pattern, longest_name, deep_folders, future_time, old_time_on_a_new_file,
    folder_without_rights, a_logs_name_outside,
]  # fmt: skip


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def everything(base: Path) -> set[bytes]:
    found = set()
    for folder, folders, files in os.walk(os.fsencode(base)):
        found |= {os.path.join(folder, name) for name in (*folders, *files)}  # noqa: PTH118
    return found


@pytest.mark.parametrize("layout", LAYOUTS, ids=[each.__name__ for each in LAYOUTS])
def test_of_a_hostile_layout_only_the_old_rotated_log_goes(
    layout: Callable[[Layout], None], tmp_path: Path, stack: ExitStack
) -> None:
    it = Layout(tmp_path, stack)
    layout(it)
    before = everything(tmp_path)
    victim = old(it.logs / "victim.log.1")
    listed = cleaned(it.logs, dry_run=True)
    assert everything(tmp_path) == before | {os.fsencode(victim)}
    found = cleaned(it.logs)
    assert everything(tmp_path) == before
    assert [each.path for each in found.removed] == [str(victim)]
    assert {each.path for each in listed.removed} - {left.partition(": ")[0] for left in found.left} == {str(victim)}
    assert found.freed_bytes >= 4096


@pytest.mark.parametrize("layout", [open_for_writing, open_for_reading, open_in_another_process])
def test_without_leases_what_is_open_or_may_be_stays(
    layout: Callable[[Layout], None], tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clean_up, "_F_SETLEASE", -1)  # as a file system that has none
    it = Layout(tmp_path, stack)
    layout(it)
    before = everything(tmp_path)
    found = cleaned(it.logs)
    assert everything(tmp_path) == before
    assert found.left[0].endswith(("it is open", "whether it is open cannot be seen"))


def test_without_leases_what_nobody_has_open_goes_where_every_process_can_be_seen(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    old(logs / "a.log.1")
    with old(logs / "b.log.1").open("rb") as held:
        code = (
            "import sys; from pathlib import Path; from guardian.host import clean_up; clean_up._F_SETLEASE = -1\n"
            "from tests.host.test_clean_up import cleaned; held = open(0)\n"
            "found = cleaned(Path(sys.argv[1])); print(*(each.path for each in found.removed))"
        )
        done = subprocess.run(
            ["unshare", "--map-root-user", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code, str(logs)],
            stdin=held, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(logs / "a.log.1")]


def test_there_are_twenty_five_of_them() -> None:
    assert len(LAYOUTS) == 25


def test_what_is_left_is_said_with_its_reason(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    with old(logs / "a.log.1").open("rb"):
        found = cleaned(logs, tmp_path / "none")
    assert found.left == (f"{tmp_path / 'none'}: No such file or directory", f"{logs / 'a.log.1'}: it is open")


def test_a_configured_folder_that_is_a_symlink_is_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    old(real / "a.log.1")
    (tmp_path / "logs").symlink_to(real)
    assert "a symlink is not followed" in cleaned(tmp_path / "logs").left[0]
    assert (real / "a.log.1").exists()


def test_the_oldest_go_first_and_no_more_than_is_needed(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number, name in enumerate(("c.log.1", "a.log.1", "b.log.2.gz", "d.log-20240101")):
        path = old(logs / name, 1_000_000)
        after = time.time() + number
        os.utime(path, (after, after))
    room = os.statvfs(logs)
    wanted = Room(room.f_bavail * room.f_frsize + 1_500_000)
    listed = cleaned(logs, dry_run=True, room=wanted)
    assert [Path(each.path).name for each in listed.removed][:2] == ["c.log.1", "a.log.1"]
    assert len(listed.removed) < 4 or not listed.enough  # others fill the disk meanwhile
    assert len(list(logs.iterdir())) == 4
    none = cleaned(logs, room=Room(0))
    assert (none.removed, none.enough) == ([], True)
    assert len(list(logs.iterdir())) == 4


def test_a_file_under_the_minimum_age_stays_whatever_its_time_of_writing_says(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    path = old(logs / "a.log.1")
    os.utime(path, (0, 0))
    assert clean(order(logs), dry_run=False).removed == []
    at = path.stat().st_ctime + 86_400
    assert clean(order(logs), dry_run=False, now=at - 0.01).removed == []
    assert len(clean(order(logs), dry_run=False, now=at + 0.01).removed) == 1


def test_what_a_killed_clean_up_left_aside_goes_next_time(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    old(logs / f"{ASIDE}7-abc")
    assert len(cleaned(logs).removed) == 1


def test_a_mount_point_inside_is_not_entered_even_one_of_the_same_disk(tmp_path: Path) -> None:
    logs, outside = tmp_path / "logs", tmp_path / "outside"
    (logs / "inside").mkdir(parents=True)
    outside.mkdir()
    old(outside / "precious.log.1")
    old(logs / "a.log.1")
    code = (
        "import sys; from pathlib import Path; from tests.host.test_clean_up import cleaned\n"
        "found = [cleaned(Path(sys.argv[1]), dry_run=dry_run) for dry_run in (True, False)]\n"
        "print(*(file.path for each in found for file in each.removed))"
    )
    script = 'mount --bind "$1" "$2" && test -e "$2/precious.log.1" && exec "$3" -c "$4" "$5"'
    arguments = [str(outside), str(logs / "inside"), sys.executable, code, str(logs)]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *arguments],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(logs / "a.log.1")] * 2
    assert (outside / "precious.log.1").exists()


def replaced(_before: os.stat_result, at: Path) -> None:
    """Another file took the name, as logrotate has it."""
    at.unlink()
    at.write_text("the log of today")


def linked(_before: os.stat_result, at: Path) -> None:
    os.link(at, at.with_name("second name"))


@pytest.mark.parametrize("change", [replaced, linked])
def test_what_changes_at_the_last_moment_is_put_back(
    change: Callable[[os.stat_result, Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the renaming."""
    logs = tmp_path / "logs"
    logs.mkdir()
    path = old(logs / "a.log.1")
    real = os.rename

    def rename(name: Any, aside: Any, **more: Any) -> None:
        change(path.stat(), path)
        real(name, aside, **more)

    monkeypatch.setattr(os, "rename", rename)
    found = cleaned(logs)
    assert found.removed == []
    assert found.left == (f"{path}: it changed at that moment",)
    assert path.read_bytes() in (b"the log of today", b"x" * 4096)
    assert not [each for each in logs.iterdir() if each.name.startswith(ASIDE)]


def test_who_opens_it_at_the_last_moment_keeps_it_and_nobody_dies_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease makes the opener wait; the kernel's signal for that must not end this process."""
    logs = tmp_path / "logs"
    logs.mkdir()
    path = old(logs / "a.log.1")
    real, got = os.rename, list[bytes]()

    def read() -> None:
        got.append(path.read_bytes())

    reader = threading.Thread(target=read)

    def rename(name: Any, aside: Any, **more: Any) -> None:
        reader.start()
        end = time.monotonic() + 20
        while not _waits_in_open(reader) and time.monotonic() < end:
            time.sleep(0.005)
        real(name, aside, **more)

    monkeypatch.setattr(os, "rename", rename)
    found = cleaned(logs)
    reader.join(60)
    assert got == [b"x" * 4096]
    assert found.removed == []
    assert path.read_bytes() == b"x" * 4096


def _waits_in_open(thread: threading.Thread) -> bool:
    """It is asleep in the kernel, for the lease."""
    if thread.native_id is None:
        return False
    return "__break_lease" in Path(f"/proc/self/task/{thread.native_id}/wchan").read_text() or (
        Path(f"/proc/self/task/{thread.native_id}/syscall").read_text().split()[0] in {"257", "56"}
    )


def test_beside_a_writer_that_rotates_at_full_speed_nothing_that_it_has_open_is_removed(tmp_path: Path) -> None:
    """It renames what it still has open to the name that the clean-up goes for, again and again."""
    logs = tmp_path / "logs"
    logs.mkdir()
    over, lost, gone = threading.Event(), list[int](), 0

    def rotate() -> None:
        number = 0
        while not over.is_set():
            number += 1
            with (logs / "app.log").open("w") as log:
                log.write("x" * 5000)
                (logs / "app.log").rename(logs / "app.log.1")
                over.wait(number % 3 / 1000)
                if os.fstat(log.fileno()).st_nlink == 0:
                    lost.append(number)
            over.wait(number % 2 / 500)

    writer = threading.Thread(target=rotate)
    writer.start()
    end = time.monotonic() + 30
    try:
        while gone < 5 and time.monotonic() < end:
            gone += len(cleaned(logs).removed)
    finally:
        over.set()
        writer.join()
    assert lost == []
    assert gone >= 5
    assert not [each for each in logs.iterdir() if each.name.startswith(ASIDE)]
