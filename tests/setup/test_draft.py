"""Whatever is found, the file is valid and says what it means."""

import tomllib
from collections.abc import Sequence
from glob import escape
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from guardian import services
from guardian.config import load
from guardian.host.listeners import Listener
from guardian.ports import Fleet, ProcessState, SupervisedProcess
from guardian.setup.around import Found, LogFile, Pm2Home, SupervisordServer, WebAddress
from guardian.setup.draft import draft
from guardian.setup.tasks import TaskFolder
from guardian.setup.told import told

_TEXT = st.text(st.characters(codec=None), max_size=30) | st.sampled_from(
    ["\ud800", "\n[x]\n", '"""', "\x7f", "\u2028", "a" * 5000, "\\", "\x85", "\x00"]
)


def _process(name: str) -> SupervisedProcess:
    return SupervisedProcess(
        target=name, state=ProcessState.ONLINE, pid=1, restarts=35_000, started_at=None, created_at=None,
        exit_code=None, autorestart=True,
    )  # fmt: skip


def _found(names: Sequence[str]) -> Found:
    """The same names everywhere where a stranger's text can be."""
    paths = [Path("/" + name) for name in names]
    return Found(
        pm2=[
            Pm2Home(path, Fleet("pm2", [_process(name)], error=None), usual=False)
            for path, name in zip(paths, names, strict=True)
        ],
        supervisord=[
            SupervisordServer(name, Fleet("supervisord", [_process(name)], error=error), usual=False)
            for name in names
            for error in [None if len(name) % 2 else name]
        ],
        ports=[(Listener(number, name, 1, name), name) for number, name in enumerate(names)],
        web=[WebAddress(f"http://127.0.0.1:{number + 1}/", number + 1, name, 404) for number, name in enumerate(names)],
        logs=[LogFile(path, 1) for path in paths],
        tasks=[TaskFolder(path, 1, "state", {name: 1}) for path, name in zip(paths, names, strict=True)],
        troubles=names,
    )


@given(st.lists(_TEXT, max_size=5))
def test_it_is_toml_whatever_things_are_called(names: list[str]) -> None:
    text = draft(_found(names))
    parsed = tomllib.loads(text)
    assert parsed["mode"] == "observe"
    assert set(parsed) <= {"mode", "supervisors", "pipelines", "checks"}
    stores = parsed.get("pipelines", {}).get("folder", {})
    assert ("pipeline_stall" in parsed["checks"]) == bool(stores)
    parsed["checks"].pop("pipeline_stall", None)
    logs = parsed["checks"].pop("log_rotation", {"files": []})["files"]
    web = parsed["checks"].pop("dashboard_http", {"endpoints": {}})["endpoints"]
    assert [each["url"] for each in web.values()] == [f"http://127.0.0.1:{at + 1}/" for at in range(len(names))]
    assert parsed["checks"] == {"process_health": {}}
    uncommented = tomllib.loads(text.replace("#expect = ", "expect = "))
    fits = [name for name in names if name.isprintable() and len(name) < 300]
    assert set(fits) <= set(uncommented["checks"]["process_health"].get("expect", []))
    assert {escape(f"/{name}") for name in fits} <= set(logs)
    assert all("\n" not in line for line in told(_found(fits)))


def test_a_whole_fleet_fits_into_a_configuration(tmp_path: Path) -> None:
    file = tmp_path / "guardian.toml"
    names = [f"{number}-" + "x" * 900 for number in range(1000)]
    file.write_text(draft(Found(pm2=[Pm2Home(tmp_path, Fleet("pm2", [*map(_process, names)]), usual=False)])))
    assert load(file, services.sections(), {}).checks["process_health"].enabled
