import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardian.setup import files

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("theirs")
    with pytest.raises(files.WriteError, match="is there already"):
        files.create(file, "mine")
    assert file.read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["x.toml"]


def test_a_step_that_fails_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.toml"
    file.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    for write in (lambda: files.replace(file, "new", backup_at=NOW), lambda: files.create(tmp_path / "y", "new")):
        with pytest.raises(files.WriteError, match="No space left"):
            write()
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.toml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_the_owner_stays(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("old")
    os.chown(file, 65534, 65534)
    files.replace(file, "new")
    assert (file.read_text(), file.stat().st_uid) == ("new", 65534)
