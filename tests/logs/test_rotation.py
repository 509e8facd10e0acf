"""Rotation on real files: whatever dies between two steps, each line is in the log or in one archive, once."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.errors import RemedyError
from guardian.logs.rotation import collapse, copy_truncate, copying, kernel, rotation
from guardian.logs.rotation.archives import NOTE, PARTIAL, archives, hidden
from guardian.logs.rotation.note import held
from guardian.logs.rotation.rotation import Rotation
from guardian.logs.rotation.writers import writers_of
from guardian.ports import Command, Ran, Reopen, RotationOrder, Way

ORDER = RotationOrder(keep=1000, keep_bytes=10**9)
LINES = 20_000
LONG, SHORT = timedelta(seconds=60), timedelta(milliseconds=100)


class Died(BaseException):
    """In place of a kill: nothing that cleans up may catch it."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    if not kernel.collapses(tmp_path, os.statvfs(tmp_path).f_bsize):
        pytest.fail(f"{tmp_path} is on a file system that cannot cut the head off a file: give --basetemp on ext4")
    path = tmp_path / "app.log"
    path.write_bytes(b"".join(line(number) for number in range(LINES)))
    return path


def line(number: int) -> bytes:
    return b"%08d %s\n" % (number, b"x" * (number * 7 % 90))


def numbers(log: Path) -> list[int]:
    """Of every whole line in the archives and the log, in their order. Fails on a line that is torn."""
    found = []
    for path in [*archives(log), log]:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for each in data.splitlines(keepends=True):
            if each.strip():
                assert each == line(int(each[:8])), f"torn in {path.name}: {each!r}"
                found.append(int(each[:8]))
    return found


def append(log: Path, begin: int, end: int) -> None:
    with log.open("ab") as file:
        file.write(b"".join(line(number) for number in range(begin, end)))


def hidden_files(log: Path) -> list[str]:
    return sorted(path.name for path in log.parent.iterdir() if path.name.startswith("."))


def way(log: Path, order: RotationOrder = ORDER) -> tuple[Way | None, str]:
    (found,) = Rotation().look([str(log)], order)
    return found.way, found.why


def test_what_was_cut_off_is_in_the_archive_and_the_rest_in_the_log(log: Path) -> None:
    size = log.stat().st_size
    said = Rotation().rotate(str(log), ORDER)
    (archive,) = archives(log)
    assert said == f"{archive.stat().st_size} bytes of app.log moved to {archive.name}"
    assert log.stat().st_size < 8192 < size
    assert numbers(log) == list(range(LINES))
    assert hidden_files(log) == []


def test_archives_are_in_the_order_of_their_names(log: Path) -> None:
    for turn in range(1, 4):
        Rotation().rotate(str(log), ORDER)
        append(log, turn * LINES, (turn + 1) * LINES)
    assert numbers(log) == list(range(4 * LINES))


def test_the_archive_has_the_logs_mode(log: Path) -> None:
    log.chmod(0o640)
    Rotation().rotate(str(log), ORDER)
    assert archives(log)[0].stat().st_mode & 0o777 == 0o640


STEPS = {
    "before the copy": (collapse, "copy_out"),
    "with room taken for the copy": (copying, "_copy"),
    "with the copy not on the disk": (copying, "like"),
    "before the cut": (collapse, "collapse"),
    "after the cut": (collapse, "_blanked"),
    "before it is published": (collapse, "publish"),
    "after it is published": (collapse, "_published"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("grown", [0, LINES], ids=["as it was", "grown since"])
def test_a_kill_between_two_steps_loses_and_doubles_nothing(
    log: Path, step: str, grown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> Any:
        raise Died

    where, name = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(where, name, dies)
        with pytest.raises(Died):
            Rotation().rotate(str(log), ORDER)
    (state,) = Rotation().look([str(log)], ORDER)
    assert state.unfinished
    append(log, LINES, LINES + grown)
    Rotation().rotate(str(log), ORDER)
    assert numbers(log) == list(range(LINES + grown))
    assert hidden_files(log) == []


def test_a_log_that_was_emptied_by_somebody_else_meanwhile_keeps_its_new_lines(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> Any:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(collapse, "collapse", dies)
        with pytest.raises(Died):
            Rotation().rotate(str(log), ORDER)
    os.truncate(log, 0)
    append(log, LINES, LINES + 10)
    Rotation().rotate(str(log), ORDER)
    assert numbers(log)[-10:] == list(range(LINES, LINES + 10))
    assert hidden_files(log) == []


def test_a_log_that_was_emptied_before_its_copy_was_whole_is_left_so(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> Any:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(copying, "_copy", dies)
        with pytest.raises(Died):
            Rotation().rotate(str(log), ORDER)
    os.truncate(log, 0)
    append(log, 0, 3)
    assert "made smaller by somebody else" in Rotation().rotate(str(log), ORDER)
    assert numbers(log) == [0, 1, 2]
    assert hidden_files(log) == []


def test_of_lines_that_are_all_alike_none_is_lost(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> Any:
        raise Died

    log.write_bytes(b"again\n" * 10_000)
    with monkeypatch.context() as patched:
        patched.setattr(collapse, "_blanked", dies)
        with pytest.raises(Died):
            Rotation().rotate(str(log), ORDER)
    with log.open("ab") as file:
        file.write(b"again\n" * 20_000)
    Rotation().rotate(str(log), ORDER)
    assert sum(path.read_bytes().count(b"again\n") for path in [*archives(log), log]) == 30_000


def test_archives_keep_their_order_when_the_clock_was_set_back(log: Path) -> None:
    Rotation().rotate(str(log), ORDER)
    archives(log)[0].rename(log.with_name("app.log.29991231T235959Z-001"))
    append(log, LINES, 2 * LINES)
    Rotation().rotate(str(log), ORDER)
    assert [archive.name[8:] for archive in archives(log)] == ["29991231T235959Z-001", "29991231T235959Z-002"]
    assert numbers(log) == list(range(2 * LINES))


def test_a_copy_without_its_note_is_kept(log: Path) -> None:
    hidden(log, PARTIAL).write_bytes(line(1))
    hidden(log, NOTE).write_bytes(b"\0" * 4096)
    append(log, LINES, LINES + 1)
    Rotation().rotate(str(log), ORDER)
    assert archives(log)[0].read_bytes() == line(1)


def test_two_at_once_are_one(log: Path) -> None:
    with held(log), pytest.raises(RemedyError, match="by another process"):
        Rotation().rotate(str(log), ORDER)
    assert archives(log) == []


def test_the_oldest_archives_go_by_number_and_by_size(log: Path) -> None:
    for turn in range(1, 6):
        Rotation().rotate(str(log), ORDER)
        append(log, turn * LINES, (turn + 1) * LINES)
    said = Rotation().rotate(str(log), replace(ORDER, keep=3))
    assert len(archives(log)) == 3
    assert "removed app.log." in said
    assert numbers(log)[-1] == 6 * LINES - 1
    append(log, 6 * LINES, 7 * LINES)
    Rotation().rotate(str(log), replace(ORDER, keep_bytes=1))
    assert len(archives(log)) == 1


def test_archives_are_compressed_and_a_kill_costs_one_slice(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = replace(ORDER, compress=True)
    monkeypatch.setattr("guardian.logs.rotation.compress._SLICE", 100_000)
    monkeypatch.setattr(rotation, "_COMPRESS_SECONDS", -1.0)
    Rotation().rotate(str(log), order)
    (state,) = Rotation().look([str(log)], order)
    assert state.bare == 1
    monkeypatch.setattr(rotation, "_COMPRESS_SECONDS", 60.0)
    append(log, LINES, 2 * LINES)
    Rotation().rotate(str(log), order)
    assert {archive.suffix for archive in archives(log)} == {".gz"}
    assert numbers(log) == list(range(2 * LINES))
    assert hidden_files(log) == []


def test_a_line_without_an_end_in_reach_is_waited_for(tmp_path: Path, log: Path) -> None:
    log.write_bytes(b"x" * 100_000)
    with pytest.raises(RemedyError, match="no line end"):
        Rotation().rotate(str(log), ORDER)
    assert log.read_bytes() == b"x" * 100_000
    assert hidden_files(log) == []


# Who writes, and what that allows


@pytest.fixture
def writer(log: Path) -> Iterator[Callable[[str], int]]:
    """Starts a process that has the log open with these flags."""
    running: list[subprocess.Popen[bytes]] = []

    def start(flags: str) -> int:
        code = f"import os,sys,time; fd=os.open({str(log)!r}, {flags}); print(1, flush=True); time.sleep(600)"
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        return process.pid

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_a_writer_that_appends_lets_the_log_be_collapsed(log: Path, writer: Callable[[str], int]) -> None:
    pid = writer("os.O_WRONLY | os.O_APPEND")
    assert [(each.pid, each.appends) for each in writers_of(log.stat()).seen] == [(pid, True)]
    assert way(log) == (Way.COLLAPSE, "its writer appends, the file system collapses")


def test_a_reader_is_no_writer(log: Path, writer: Callable[[str], int]) -> None:
    writer("os.O_RDONLY")
    assert way(log) == (Way.COLLAPSE, "nobody has it open, the file system collapses")


@pytest.mark.parametrize("may_lose", [False, True])
def test_a_writer_with_a_place_of_its_own_is_left_alone(
    log: Path, writer: Callable[[str], int], may_lose: bool
) -> None:
    pid = writer("os.O_WRONLY")
    found, why = way(log, replace(ORDER, may_lose=may_lose))
    assert found is None
    assert f"process {pid}) does not append" in why
    with pytest.raises(RemedyError, match="does not append"):
        Rotation().rotate(str(log), replace(ORDER, may_lose=may_lose))
    assert archives(log) == []


def test_where_the_file_system_cannot_a_person_has_to_allow_the_loss(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "_collapses", lambda *_: False)
    assert way(log)[0] is None
    assert "`may_lose_lines`" in way(log)[1]
    allowed = replace(ORDER, may_lose=True)
    assert way(log, allowed)[0] is Way.COPY_TRUNCATE
    said = Rotation().rotate(str(log), allowed)
    assert "may be lost" in said
    assert (log.stat().st_size, numbers(log)) == (0, list(range(LINES)))


@pytest.mark.parametrize("step", ["copy_out", "publish", "_ended"])
def test_a_kill_while_copying_and_emptying_doubles_nothing(
    log: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> Any:
        raise Died

    monkeypatch.setattr(rotation, "_collapses", lambda *_: False)
    allowed = replace(ORDER, may_lose=True)
    with monkeypatch.context() as patched:
        patched.setattr(copy_truncate, step, dies)
        with pytest.raises(Died):
            Rotation().rotate(str(log), allowed)
    append(log, LINES, LINES + 5)
    Rotation().rotate(str(log), allowed)
    assert sorted(numbers(log)) == list(range(LINES + 5))


# Writers that reopen

REOPENS = """
import os, signal, sys
def opened(*_):
    global fd
    if fd is not None:
        os.close(fd)
    fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
fd = None
opened()
if sys.argv[2] == "yes":
    signal.signal(signal.SIGUSR1, opened)
else:
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
print(1, flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def reopener(log: Path, request: pytest.FixtureRequest) -> Iterator[Reopen]:
    arguments = [sys.executable, "-c", REOPENS, str(log), request.param]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    pid_file = log.with_name("writer.pid")
    pid_file.write_text(f"{process.pid}\n")
    yield Reopen("USR1", str(pid_file), within=LONG if request.param == "yes" else SHORT)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("reopener", ["yes"], indirect=True)
def test_a_writer_that_reopens_goes_on_in_a_new_log(log: Path, reopener: Reopen) -> None:
    log.chmod(0o604)
    said = Rotation().rotate(str(log), replace(ORDER, reopen=reopener))
    (archive,) = archives(log)
    assert f"are in {archive.name}; its writer (process" in said
    assert (log.stat().st_size, log.stat().st_mode & 0o777) == (0, 0o604)
    assert writers_of(archive.stat()).seen == []
    assert [each.appends for each in writers_of(log.stat()).seen] == [True]
    assert numbers(log) == list(range(LINES))


@pytest.mark.parametrize("reopener", ["no"], indirect=True)
def test_a_writer_that_does_not_reopen_is_told_again_and_nothing_is_compressed_meanwhile(
    log: Path, reopener: Reopen
) -> None:
    order = replace(ORDER, reopen=reopener, compress=True, keep=1)
    for _ in range(3):
        with pytest.raises(RemedyError, match="still writes to") as raised:
            Rotation().rotate(str(log), order)
        assert raised.value.done is None
    (archive,) = archives(log)
    assert archive.suffix != ".gz"
    assert numbers(log) == list(range(LINES))
    os.kill(int(Path(str(reopener.pid_file)).read_text()), signal.SIGKILL)
    _until(lambda: not writers_of(archive.stat()).seen)
    Rotation().rotate(str(log), order)
    assert [each.suffix for each in archives(log)] == [".gz"]
    assert numbers(log) == list(range(LINES))


@pytest.mark.parametrize("reopener", ["no"], indirect=True)
def test_of_a_writer_that_has_ended_nothing_is_waited_for(log: Path, reopener: Reopen) -> None:
    order = replace(ORDER, reopen=reopener)
    with pytest.raises(RemedyError, match="still writes to"):
        Rotation().rotate(str(log), order)
    pid = int(Path(str(reopener.pid_file)).read_text())
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    (archive,) = archives(log)
    with archive.open("ab") as file, subprocess.Popen(["sleep", "1000"], stdout=file) as other:
        with pytest.raises(RemedyError, match=f"there is no process {pid}"):
            Rotation().rotate(str(log), order)
        other.kill()
    assert "its writer has ended" in Rotation().rotate(str(log), order)
    assert not Rotation().look([str(log)], order)[0].unfinished
    assert numbers(log) == list(range(LINES))


def _until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_a_command_that_fails_did_not_tell_the_writer(log: Path) -> None:
    class Runner:
        def run(self, command: Command) -> Ran:
            return Ran(code=3)

    reopen = Reopen(command=Command(("reopen-all",), SHORT), within=SHORT)
    with pytest.raises(RemedyError, match="reopen-all ended with exit code 3: the writer was not told"):
        Rotation(Runner()).rotate(str(log), replace(ORDER, reopen=reopen))
    assert numbers(log) == list(range(LINES))


@pytest.mark.parametrize("text", ["", "no number", "1", "-5"])
def test_a_pid_file_without_a_writers_id_signals_nobody(log: Path, text: str) -> None:
    pid_file = log.with_name("writer.pid")
    pid_file.write_text(text)
    reopen = Reopen("USR1", str(pid_file), within=SHORT)
    with pytest.raises(RemedyError, match="holds"):
        Rotation().rotate(str(log), replace(ORDER, reopen=reopen))
    assert numbers(log) == list(range(LINES))


# What is no log


def test_links_pipes_and_archives_are_no_logs(log: Path) -> None:
    Rotation().rotate(str(log), ORDER)
    (log.parent / "link.log").symlink_to(log)
    os.mkfifo(log.parent / "pipe.log")
    (log.parent / "folder.log").mkdir()
    os.link(log, log.parent / "twin.log")
    found = Rotation().look([str(log.parent / "*"), str(log)], ORDER)
    assert [Path(each.path).name for each in found] == ["app.log"]


def test_a_link_in_place_of_the_log_is_not_followed(log: Path, tmp_path: Path) -> None:
    other = tmp_path / "secret"
    other.write_bytes(b"\n" * 100_000)
    log.unlink()
    log.symlink_to(other)
    with pytest.raises(RemedyError):
        Rotation().rotate(str(log), ORDER)
    assert other.read_bytes() == b"\n" * 100_000
