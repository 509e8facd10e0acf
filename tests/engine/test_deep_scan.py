"""The deep scan: in slices, resumed, counted once, reporting only."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian import services
from guardian.engine.deep_scan import step
from guardian.engine.scanning import Desk
from guardian.store.store import Store
from tests.redis_server import RedisServer, redis_process, redis_server

__all__ = ["redis_process", "redis_server"]

NOW, DAY, AT_ONCE = datetime(2027, 1, 15, tzinfo=UTC), timedelta(days=1), timedelta(0)
BAD, GOOD = "eval('1')\n", "print(1)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "made"
    for name, text in {"b/c/1.py": BAD, "b/2.py": GOOD, "a.py": GOOD, "z.py": BAD, "c/3.py": GOOD}.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(text)
    return made


@pytest.fixture
def desk(redis_server: RedisServer, tmp_path: Path) -> Iterator[Desk]:
    config = services.load_config(None)
    store: Store = services.open_store(config, redis_server.url, tmp_path)
    made = services.desk(config, store, tmp_path)
    yield replace(made, node="n1")
    made.child.close()
    store.close()


def run(desk: Desk, folder: Path, now: datetime = NOW, limit: timedelta = AT_ONCE) -> str:
    return step(desk, [folder], DAY, folder.parent / "deep.json", now, limit)


def test_every_slice_goes_on_where_the_last_one_ended(desk: Desk, folder: Path) -> None:
    said = [run(desk, folder) for _ in range(5)]
    assert [each.rpartition("/")[2] for each in said[:4]] == ["a.py", "z.py", "2.py", "1.py"]
    assert said[4] == "5 scanned, all of it"
    report = json.loads((folder.parent / "deep.json").read_text())
    assert [(Path(each["path"]).name, each["verdict"], each["rules"]) for each in report["bad"]] == [
        ("z.py", "block", ["G101"]),
        ("1.py", "block", ["G101"]),
    ]
    lines = [json.loads(line) for line in (folder.parent / "security.jsonl").read_text().splitlines()]
    assert [(Path(each["path"]).name, each["deep"]) for each in lines] == [("z.py", True), ("1.py", True)]
    assert all((folder / name).exists() for name in ("z.py", "b/c/1.py"))


def test_it_is_due_again_after_its_time(desk: Desk, folder: Path) -> None:
    assert run(desk, folder, limit=DAY) == "5 scanned, all of it"
    assert run(desk, folder, NOW + DAY - timedelta(seconds=1)).startswith("not due")
    assert run(desk, folder, NOW + DAY, DAY) == "5 scanned, all of it"


def test_scripts_that_come_and_go_meanwhile_stop_nothing(desk: Desk, folder: Path) -> None:
    run(desk, folder)
    (folder / "a.py").unlink()
    (folder / "b" / "new.py").write_text(BAD)
    while "all of it" not in run(desk, folder):
        pass
    report = json.loads((folder.parent / "deep.json").read_text())
    assert [Path(each["path"]).name for each in report["bad"]] == ["z.py", "new.py", "1.py"]


def test_a_slice_that_comes_twice_counts_once(desk: Desk, folder: Path) -> None:
    version, held = desk.scans.deep("n1")
    assert run(desk, folder).startswith("1 scanned")
    assert not desk.scans.keep_deep("n1", version, held)
    assert run(desk, folder).startswith("2 scanned")


def test_a_slice_whose_worker_dies_is_done_again(desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("guardian.store.scans.Scans.keep_deep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(desk, folder)
    assert run(desk, folder).startswith("1 scanned")


def test_nothing_to_scan_is_said(desk: Desk) -> None:
    assert step(desk, [], DAY, Path("/nowhere"), NOW) == "no folders"
    with tempfile.TemporaryDirectory() as name:
        report = Path(name) / "deep.json"
        assert step(desk, [Path("/nowhere")], DAY, report, NOW) == "0 scanned, all of it"
