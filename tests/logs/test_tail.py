"""The log reader against real files, and against everything that is none."""

import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.logs.tail import MAX_BYTES, MAX_LINE, LogTail
from guardian.ports import LogReader

SECRET = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cD1fG3hJ5"


def read(*paths: Path, lines: int = 50) -> list[str]:
    reader: LogReader = LogTail()
    return list(reader.tail([str(path) for path in paths], lines))


def body(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("==> ")]


def test_the_last_lines_come_in_their_order(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {n}\n" for n in range(100)))
    assert read(log, lines=3) == ["line 97", "line 98", "line 99"]
    assert read(log, lines=0) == []


def test_a_last_line_that_is_not_finished_counts(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"one\r\n\r\n  \ntwo")
    assert read(log) == ["one", "two"]


def test_each_file_has_its_block_and_a_chatty_one_does_not_hide_the_other(tmp_path: Path) -> None:
    errors, out = tmp_path / "err.log", tmp_path / "out.log"
    errors.write_text("e1\ne2\ne3\n")
    out.write_text("".join(f"o{n}\n" for n in range(1000)))
    os.utime(errors, (1_000_000_000, 1_000_000_000))
    shown = read(errors, out, lines=10)
    assert shown[0] == f"==> {errors}, last written 2001-09-09T01:46:40+00:00 <=="
    assert body(shown) == ["e1", "e2", "e3", *(f"o{n}" for n in range(993, 1000))]
    assert body(read(out, out, lines=2)) == ["o998", "o999"], "the same file twice is one file"


def test_escapes_and_control_characters_are_gone_and_bytes_that_are_no_text_are_replaced(
    tmp_path: Path,
) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"\x1b[31mred\x1b[0m \x1b]0;title\x07\x00\x08bell\xff\n" + "✓ \u202eevil\n".encode())
    assert read(log) == ["red bell\ufffd", "✓ evil"]


def test_a_line_is_cut_only_after_its_secrets_are_masked(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("x" * (MAX_LINE - 10) + " " + SECRET + "\npassword=hunter2\n")
    long, short = read(log)
    assert long == "x" * (MAX_LINE - 10) + " ghp_***"
    assert short == "password=***"
    log.write_text("y" * 2 * MAX_LINE)
    assert read(log) == ["y" * (MAX_LINE - 1) + "…"]


def test_at_most_64_kib_are_read_and_a_line_cut_at_their_start_is_left_out(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes((SECRET + "\n").encode() * 10_000 + b"last\n")
    shown = read(log, lines=100_000)
    assert set(shown) == {"ghp_***", "last"}
    assert len(shown) <= MAX_BYTES // len(SECRET) + 2


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_one_endless_line_shows_its_end_without_the_word_that_was_cut(tmp_path: Path, end: bytes) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"a" * 200_000 + end)
    assert read(log) == ["(one line of more than 64 KiB)"]
    log.write_bytes(b"secret" * 20_000 + b" tail" + end)
    assert read(log) == ["tail"]


def test_what_cannot_be_read_is_one_line_with_the_reason_and_the_others_are_read(tmp_path: Path) -> None:
    good, loop, fifo = tmp_path / "good.log", tmp_path / "loop", tmp_path / "fifo"
    good.write_text("fine\n")
    loop.symlink_to(loop)
    os.mkfifo(fifo)
    strange = [
        tmp_path / "missing",
        loop,
        fifo,
        tmp_path,
        Path("/dev/zero"),
        Path("/dev/tty"),
        good / "below",
    ]
    shown = read(*strange, good)
    assert shown[0] == f"(cannot read {tmp_path}/missing: No such file or directory)"
    assert [line.split(":")[0] for line in shown[:7]] == [f"(cannot read {path}" for path in strange]
    assert shown[-1] == "fine"


def test_names_that_are_no_file_names_do_not_raise() -> None:
    shown = LogTail().tail(["", "a\0b", "x" * 5000, "\ud800", "a\n\x1b[31mb", "/x?token=abcdefghijklmnop"], 5)
    assert len(shown) == 6
    assert all(line.startswith("(cannot read ") and line.isprintable() for line in shown)
    assert "token=abcd***" in shown[-1]


def test_a_fifo_is_never_opened_so_that_its_writer_is_not_let_go(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    opened = threading.Event()

    def write() -> None:
        with fifo.open("wb"):
            opened.set()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    time.sleep(0.1)  # long enough for the writer to be waiting in open()
    read(fifo)
    assert not opened.wait(0.2)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)  # the writer may go now
    assert opened.wait(30)
    writer.join(30)
    os.close(reader)


def test_a_link_to_a_log_is_followed_and_an_empty_file_is_nothing(tmp_path: Path) -> None:
    log, link = tmp_path / "a.log", tmp_path / "current.log"
    log.write_text("here\n")
    link.symlink_to(log)
    assert read(link) == ["here"]
    log.write_text("")
    assert read(log) == []


def test_a_file_that_is_truncated_rotated_and_written_meanwhile_never_makes_it_raise(tmp_path: Path) -> None:
    log, done = tmp_path / "a.log", threading.Event()
    log.write_text("start\n")

    def churn() -> None:
        while not done.is_set():
            with log.open("a") as file:
                file.write("whole line\n" * 20_000)
            os.truncate(log, 11)
            log.rename(tmp_path / "a.log.1")
            log.write_text("whole line\n")

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(200):
            for line in read(log):
                assert "whole line".startswith(line) or line == "start" or line.startswith("(cannot read ")
    finally:
        done.set()
        thread.join()


def test_a_file_truncated_between_measuring_and_reading_is_read_from_its_new_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, seek = tmp_path / "a.log", os.lseek
    log.write_text("old line\n" * 20_000)

    def truncated_first(descriptor: int, position: int, how: int) -> int:
        log.write_text("new line\n")
        return seek(descriptor, position, how)

    monkeypatch.setattr(os, "lseek", truncated_first)
    assert read(log) == ["new line"]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_make_it_raise_and_every_line_is_fit_to_show(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    log = tmp_path_factory.getbasetemp() / "any.log"
    log.write_bytes(data)
    for line in read(log, lines=1000):
        line.encode("utf-8")
        assert len(line) <= MAX_LINE
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in line)
