import json
import time
from pathlib import Path

import pytest

from guardian.setup.tasks import TaskFolder, task_folders


def task(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


def found(root: Path) -> list[TaskFolder]:
    return list(task_folders([root], time.monotonic() + 60))


def test_half_of_what_is_read_must_have_a_state(tmp_path: Path) -> None:
    task(tmp_path / "a" / "1.json", {"status": "open"})
    task(tmp_path / "a" / "2.json", {"x": 1})
    assert found(tmp_path) == [TaskFolder(tmp_path / "a", 2, "status", {"open": 1})]
    task(tmp_path / "a" / "3.json", ["no table"])
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    "content", ["{", "", "null", [], {"state": 1}, {"state": ""}, {"state": "x" * 41},
                {"state": "x", "y": "z" * 70_000},
                "[" * 100_000]
)  # fmt: skip
def test_what_is_no_task_is_passed_over(tmp_path: Path, content: object) -> None:
    task(tmp_path / "1.json", content)
    assert found(tmp_path) == []


def test_it_looks_three_folders_deep_and_not_behind_links_nor_into_hidden_and_foreign_ones(tmp_path: Path) -> None:
    for folder in ("a/b/c", "a/b/c/d", ".hidden", "node_modules/x", "elsewhere"):
        task(tmp_path / "root" / folder / "1.json", {"state": "open"})
    (tmp_path / "root" / "elsewhere").rename(tmp_path / "elsewhere")
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    assert [each.path for each in found(tmp_path / "root")] == [tmp_path / "root" / "a/b/c"]


def test_it_ends_when_its_time_is_over(tmp_path: Path) -> None:
    task(tmp_path / "1.json", {"state": "open"})
    assert task_folders([tmp_path], time.monotonic() - 1) == []


def test_a_folder_that_is_gone_is_passed_over(tmp_path: Path) -> None:
    task(tmp_path / "1.json", {"state": "open"})
    assert len(task_folders([tmp_path / "gone", tmp_path], time.monotonic() + 60)) == 1
