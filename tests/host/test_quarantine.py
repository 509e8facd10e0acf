"""A script is set aside whole: whatever dies, races or is in the way, nothing is lost and nothing is overwritten."""

import hashlib
import json
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from guardian.errors import GuardianError
from guardian.host.quarantine import Entry, Place, release, take
from guardian.host.quarantine.place import AUDIT, SCRIPT, SIDECAR, read_sidecar
from tests.host.dying import dies_at

CONTENT, OTHER = b"eval('1')\n", b"print('other')\n"
NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
_TAKE, _RELEASE = "guardian.host.quarantine.take", "guardian.host.quarantine.release"


def entry(id_: str = "a1", content: bytes = CONTENT) -> Entry:
    sha256 = hashlib.sha256(content).hexdigest()
    return Entry(id_, "moving", "", sha256, NOW.isoformat(), "n1", "writer", 0, 0, report={"verdict": "block"})


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder of generated scripts, with one in it."""
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "bad.py").write_bytes(CONTENT)
    (folder / "bad.py").chmod(0o640)
    return folder


@pytest.fixture
def place(tmp_path: Path, made: Path) -> Place:
    return Place(tmp_path / "q", [made])


def test_a_script_is_moved_with_its_report(place: Place, made: Path) -> None:
    taken = take(place, str(made / "bad.py"), entry())
    assert taken.id == "a1"
    assert not (made / "bad.py").exists()
    script = place.of("a1") / SCRIPT
    assert script.read_bytes() == CONTENT
    assert stat.S_IMODE(script.stat().st_mode) == 0o400
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    (kept,) = place.entries()
    assert (kept.state, kept.path, kept.size, kept.mode) == ("kept", str(made / "bad.py"), len(CONTENT), 0o640)
    assert json.loads((place.of("a1") / SIDECAR).read_text())["report"] == {"verdict": "block"}


def test_another_script_never_comes_over_an_earlier_one(place: Place, made: Path) -> None:
    assert take(place, str(made / "bad.py"), entry("a1")).id
    (made / "bad.py").write_bytes(CONTENT)
    assert take(place, str(made / "bad.py"), entry("a2")).id
    assert [(place.of(id_) / SCRIPT).read_bytes() for id_ in ("a1", "a2")] == [CONTENT, CONTENT]


def test_the_same_message_twice_moves_once(place: Place, made: Path) -> None:
    first = take(place, str(made / "bad.py"), entry())
    (made / "bad.py").write_bytes(OTHER)
    assert take(place, str(made / "bad.py"), entry()) == first
    assert (made / "bad.py").read_bytes() == OTHER
    assert len(place.entries()) == 1


def test_what_changed_since_the_scan_is_put_back(place: Place, made: Path) -> None:
    taken = take(place, str(made / "bad.py"), entry(content=OTHER))
    assert taken.id is None
    assert "changed while it was scanned" in taken.text
    assert (made / "bad.py").read_bytes() == CONTENT
    assert list(place.entries()) == []


def _links(made: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "bad.py").write_bytes(CONTENT)
    (made / "link.py").symlink_to(outside / "bad.py")
    (made / "folder").symlink_to(outside)
    (tmp_path / "made-too").mkdir()
    (tmp_path / "made-too" / "bad.py").write_bytes(CONTENT)
    os.mkfifo(made / "pipe.py")
    yield str(made / "link.py"), "it is a link"
    yield str(made / "folder" / "bad.py"), "none of the quarantine roots"
    yield str(made / ".." / "outside" / "bad.py"), "none of the quarantine roots"
    yield str(tmp_path / "made-too" / "bad.py"), "none of the quarantine roots"
    yield str(made / "pipe.py"), "no regular file"
    yield str(made / "gone.py"), "no longer there"
    yield str(made / "gone" / "bad.py"), "could not be moved"


def test_only_what_really_lies_in_a_root_is_moved(place: Place, made: Path, tmp_path: Path) -> None:
    for path, why in _links(made, tmp_path):
        taken = take(place, path, entry())
        assert taken.id is None, path
        assert why in taken.text, path
        assert list(place.entries()) == []
    assert (tmp_path / "outside" / "bad.py").read_bytes() == CONTENT


def test_a_root_may_itself_be_a_link(place: Place, made: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(made)
    assert take(replace(place, roots=[tmp_path / "alias"]), str(tmp_path / "alias" / "bad.py"), entry()).id == "a1"


def test_other_names_of_the_file_are_said(place: Place, made: Path) -> None:
    os.link(made / "bad.py", made / "twin.py")
    assert "1 other name(s), which are left" in take(place, str(made / "bad.py"), entry()).text
    assert (made / "twin.py").exists()


@pytest.mark.parametrize("limits", [{"files": 1}, {"bytes": 2 * len(CONTENT) - 1}])
def test_a_full_quarantine_moves_nothing_and_says_so(place: Place, made: Path, limits: dict[str, int]) -> None:
    small = replace(place, **limits)
    assert take(small, str(made / "bad.py"), entry("a1")).id
    (made / "bad.py").write_bytes(CONTENT)
    taken = take(small, str(made / "bad.py"), entry("a2"))
    assert taken.id is None
    assert "the quarantine is full" in taken.text
    assert (made / "bad.py").read_bytes() == CONTENT
    release(small, "a1", author="me", reason="room", now=NOW, to=made / "a1.py")
    assert take(small, str(made / "bad.py"), entry("a2")).id == "a2"


@contextmanager
def somebody() -> Iterator[None]:
    """Permissions mean nothing to root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_folder_that_may_not_be_written_keeps_its_script() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "made").mkdir()
        (folder / "made" / "bad.py").write_bytes(CONTENT)
        (folder / "q").mkdir()
        if os.geteuid() == 0:
            os.chown(folder / "q", 65534, -1)
        folder.chmod(0o755)
        (folder / "made").chmod(0o555)
        with somebody():
            taken = take(Place(folder / "q", [folder / "made"]), str(folder / "made" / "bad.py"), entry())
        (folder / "made").chmod(0o755)
        assert (taken.id, taken.text) == (None, "it could not be moved: Permission denied")
        assert (folder / "made" / "bad.py").read_bytes() == CONTENT
        assert list((folder / "q").glob("a1*")) == []


@pytest.fixture
def elsewhere(made: Path) -> Iterator[Place]:
    """On another file system."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == made.stat().st_dev:
        pytest.skip("this machine has no second file system at /dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Place(Path(name) / "q", [made])


def test_it_moves_to_another_file_system_and_back(elsewhere: Place, made: Path) -> None:
    assert take(elsewhere, str(made / "bad.py"), entry()).id == "a1"
    assert list(made.iterdir()) == []
    release(elsewhere, "a1", author="me", reason="fine", now=NOW)
    assert (made / "bad.py").read_bytes() == CONTENT
    assert stat.S_IMODE((made / "bad.py").stat().st_mode) == 0o640


@pytest.mark.parametrize("where", ["place", "elsewhere"])
def test_after_a_death_at_any_line_the_script_is_there_and_the_next_try_ends_it(
    request: pytest.FixtureRequest, made: Path, where: str
) -> None:
    given: Place = request.getfixturevalue(where)
    number, died, path = 0, True, made / "bad.py"
    while died:
        number += 1
        place = replace(given, folder=given.folder / str(number))
        path.write_bytes(CONTENT)
        died = dies_at(number, _TAKE, partial(take, place, str(path), entry()))
        held = [*made.iterdir(), *place.folder.glob("a1/*")]
        assert any(each.read_bytes() == CONTENT for each in held), number
        assert take(place, str(path), entry()).id == "a1", number
        script = place.of("a1") / SCRIPT
        assert script.read_bytes() == CONTENT, number
        assert stat.S_IMODE(script.stat().st_mode) == 0o400, number
        assert list(made.iterdir()) == [], number
        assert [each.state for each in place.entries()] == ["kept"], number
    assert number > 40


def test_a_release_that_died_at_any_line_is_ended_by_the_next(place: Place, made: Path) -> None:
    number, died, path, given = 0, True, made / "bad.py", place
    while died:
        number += 1
        place = replace(given, folder=given.folder / str(number))
        path.write_bytes(CONTENT)
        assert take(place, str(path), entry()).id
        died = dies_at(number, _RELEASE, partial(release, place, "a1", author="me", reason="fine", now=NOW))
        if died and read_sidecar(place.of("a1")).state != "released":
            release(place, "a1", author="me", reason="fine", now=NOW)
        assert path.read_bytes() == CONTENT, number
        assert [each.state for each in place.entries()] == ["released"], number
    assert number > 15


def test_while_the_path_is_written_anew_no_content_is_lost(place: Place, made: Path) -> None:
    """An agent saves a new script under the same name while the old one is set aside."""
    path, stop, written = made / "bad.py", threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            content = f"print({len(written)})\n".encode()
            (made / "new").write_bytes(content)
            (made / "new").replace(path)
            written.append(content)

    for number in range(100):
        stop.clear()
        written.clear()
        path.write_bytes(CONTENT)
        writer = threading.Thread(target=write)
        writer.start()
        taken = take(place, str(path), entry(f"r{number}"))
        stop.set()
        writer.join()
        (made / "new").unlink(missing_ok=True)
        if taken.id:
            assert (place.of(taken.id) / SCRIPT).read_bytes() == CONTENT
        held = {each.read_bytes() for each in [path, *place.folder.glob(f"r{number}/{SCRIPT}")] if each.exists()}
        if written:
            assert written[-1] in held, (number, taken)


def test_a_release_puts_it_back_as_it_was_and_is_written_down(place: Place, made: Path) -> None:
    take(place, str(made / "bad.py"), entry())
    done = release(place, "a1", author="ann", reason="looked at it", now=NOW)
    assert (made / "bad.py").read_bytes() == CONTENT
    assert stat.S_IMODE((made / "bad.py").stat().st_mode) == 0o640
    assert not (place.of("a1") / SCRIPT).exists()
    assert done.released == {"by": "ann", "reason": "looked at it", "at": NOW.isoformat(), "to": str(made / "bad.py")}
    (line,) = map(json.loads, (place.folder / AUDIT).read_text().splitlines())
    assert (line["action"], line["id"], line["by"], line["reason"]) == ("release", "a1", "ann", "looked at it")
    with pytest.raises(GuardianError, match="released already"):
        release(place, "a1", author="ann", reason="again", now=NOW)


def test_a_release_goes_over_nothing(place: Place, made: Path) -> None:
    take(place, str(made / "bad.py"), entry())
    (made / "bad.py").write_bytes(OTHER)
    with pytest.raises(GuardianError, match="is there: name another place"):
        release(place, "a1", author="ann", reason="x", now=NOW)
    with pytest.raises(GuardianError, match="cannot be written: No such file"):
        release(place, "a1", author="ann", reason="x", now=NOW, to=made / "no" / "bad.py")
    assert (made / "bad.py").read_bytes() == OTHER
    assert (place.of("a1") / SCRIPT).read_bytes() == CONTENT
    release(place, "a1", author="ann", reason="x", now=NOW, to=made / "back.py")
    assert (made / "back.py").read_bytes() == CONTENT


def test_a_quarantine_that_cannot_be_made_is_said(made: Path) -> None:
    (made / "file").touch()
    taken = take(Place(made / "file" / "q", [made]), str(made / "bad.py"), entry())
    assert taken.id is None
    assert "cannot be the quarantine" in taken.text
