"""JSON lines of several processes, in files of a bounded size."""

import json
import multiprocessing
from pathlib import Path

import pytest

from guardian.logs.lines import JsonLines


def _write(path: Path, number: int, count: int, most: int) -> None:
    lines = JsonLines(path, most)
    for at in range(count):
        lines.append({"writer": number, "at": at, "text": "\u00e9" * 50})


def _read(path: Path) -> list[tuple[int, int]]:
    files = [path, *(path.with_name(f"{path.name}.{number}") for number in (1, 2, 3, 4))]
    lines = [line for file in files if file.exists() for line in file.read_text().splitlines()]
    return [(found["writer"], found["at"]) for found in map(json.loads, lines)]


def test_a_line_is_appended(tmp_path: Path) -> None:
    _write(tmp_path / "a", 0, 3, 10_000)
    assert _read(tmp_path / "a") == [(0, 0), (0, 1), (0, 2)]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_over_its_size_it_goes_on_in_a_new_file_and_three_are_kept(tmp_path: Path) -> None:
    _write(tmp_path / "a", 0, 100, 2000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "a.1", "a.2", "a.3"]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    newest = [at for _, at in _read(tmp_path / "a")]
    assert newest[0] > newest[-1]
    assert sorted(newest) == list(range(100 - len(newest), 100))


def test_lines_of_several_processes_are_whole_and_none_is_lost_as_it_turns_over(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    running = [context.Process(target=_write, args=(tmp_path / "a", number, 200, 100_000)) for number in range(4)]
    for each in running:
        each.start()
    for each in running:
        each.join(60)
    assert sorted(_read(tmp_path / "a")) == [(number, at) for number in range(4) for at in range(200)]
    assert (tmp_path / "a.1").exists()


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        JsonLines(tmp_path, 1000).append({})
    with pytest.raises(FileNotFoundError):
        JsonLines(tmp_path / "no" / "a", 1000).append({})
