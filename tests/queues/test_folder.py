"""What is an item of a folder, and that one is never in two folders, nor over another's file."""

import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from guardian.errors import RemedyError
from guardian.queues import rename
from guardian.queues.folder import Folder


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Folder, Folder]:
    for name in "ab":
        (tmp_path / name).mkdir()
    return Folder("a", tmp_path / "a", "*.job"), Folder("b", tmp_path / "b", "*.job")


def test_only_files_that_fit_are_items(folders: tuple[Folder, Folder]) -> None:
    path = folders[0].path
    (path / "1.job").touch()
    (path / "2.txt").touch()
    (path / ".hidden.job").touch()
    (path / "folder.job").mkdir()
    (path / "link.job").symlink_to(path / "1.job")
    assert folders[0].look().depth == 1
    assert Folder("a", path, ".*.job").look().depth == 1


def test_a_file_of_the_same_name_is_never_replaced(folders: tuple[Folder, Folder]) -> None:
    a, b = folders
    (a.path / "1.job").write_text("mine")
    (a.path / "2.job").write_text("moves")
    (b.path / "1.job").write_text("yours")
    assert a.move(b, 10) == 1
    assert (a.path / "1.job").read_text() == "mine"
    assert (b.path / "1.job").read_text() == "yours"


def test_a_folder_that_is_gone_takes_nothing(folders: tuple[Folder, Folder]) -> None:
    a, b = folders
    (a.path / "1.job").touch()
    b.path.rmdir()
    with pytest.raises(RemedyError) as caught:
        a.move(b, 10)
    assert caught.value.done is False
    assert (a.path / "1.job").exists()


def test_where_there_is_no_such_rename_nothing_can_be_moved(
    folders: tuple[Folder, Folder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rename, "_call", lambda: None)
    (folders[0].path / "1.job").touch()
    assert folders[0].look().place is None
    with pytest.raises(RemedyError):
        folders[0].move(folders[1], 1)


ITEMS = 300


def consume(folder: Folder, mine: Path, taken: list[str], end: float) -> None:
    """As a consumer has to: by a rename."""
    while len(taken) < ITEMS and time.monotonic() < end:
        for file in folder.path.iterdir():
            with suppress(FileNotFoundError):
                file.rename(mine / f"{file.name}.{threading.get_ident()}")
                taken.append(file.name)


def keep_moving(source: Folder, to: Folder, taken: list[str], end: float) -> None:
    while len(taken) < ITEMS and time.monotonic() < end:
        source.move(to, 10)


def test_each_item_is_taken_once_while_movers_and_consumers_are_at_work(folders: tuple[Folder, Folder]) -> None:
    """Two movers, back and forth, beside two consumers."""
    a, b = folders
    mine, taken, end = a.path.parent / "mine", list[str](), time.monotonic() + 30
    mine.mkdir()
    for number in range(ITEMS):
        (a.path / f"{number}.job").touch()
    threads = [threading.Thread(target=consume, args=(each, mine, taken, end)) for each in folders]
    threads += [threading.Thread(target=keep_moving, args=(*pair, taken, end)) for pair in ((a, b), (b, a))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"{number}.job" for number in range(ITEMS))
