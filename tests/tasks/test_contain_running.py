"""Containing by a real Guardian: beat, workers, a check of the operator's own, the client and the commands."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from guardian import services
from guardian.client import may_start_task
from guardian.model import Incident, Reason
from guardian.runtime.statedir import client
from guardian.store.store import Store
from tests.runtime.running import Guardian, guardian, wait_for

CONFIG = """
node = "n1"
[worker]
sweep_every = "1s"
[history]
every = "1s"
[listener]
enabled = false
[checks.command.results]
run = ["/bin/sh", "-c", "test ! -e bad"]
target = "quality"
remedy = "pause_pipeline"
interval = "1s"
"""


def command(run: Guardian, *arguments: str) -> int:
    main = "from guardian.cli.main import main; main()"
    where = ["--config", str(run.folder / "guardian.toml"), "--state", str(run.state)]
    done = subprocess.run(
        [sys.executable, "-c", main, *arguments, *where], capture_output=True, check=False, timeout=60
    )
    return done.returncode


def test_from_the_first_bad_result_to_the_good_ones_it_is_paused_once_and_a_person_has_the_last_word(
    tmp_path: Path,
) -> None:
    with guardian(tmp_path, "up", config=CONFIG) as run:
        run.wait_until_up()
        at = client(run.state)
        assert at is not None
        with closing(services.open_store(services.load_config(tmp_path / "guardian.toml"), at.url, None)) as store:
            assert may_start_task(state=run.state).certain
            (tmp_path / "bad").touch()
            first = paused(run, store)
            answer = may_start_task(state=run.state)
            assert (bool(answer), answer.cause) == (False, "paused")
            assert mirrored(Path(at.flags)) == [first.id]
            (tmp_path / "bad").unlink()
            wait_for("it goes on", lambda: may_start_task(state=run.state))
            wait_for("the mirror follows", lambda: mirrored(Path(at.flags)) == [])
            assert store.flags.lifted() == []

            (tmp_path / "bad").touch()
            second = paused(run, store)
            assert second.id != first.id
            assert command(run, "resume", "--by", "ann") == 0
            wait_for("the mirror follows", lambda: mirrored(Path(at.flags)) == [])
            wait_for("it is left", lambda: incident(store, second.id).reason is Reason.LIFTED)
            assert may_start_task(state=run.state)
            verbs = wait_for("the history has it", lambda: found if len(found := acts(run)) == 4 else None)
            assert verbs == [("pause", "guardian"), ("resume", "guardian"), ("pause", "guardian"), ("resume", "ann")]


def paused(run: Guardian, store: Store) -> Incident:
    """The incident for which it is; a person was told."""
    [flag] = wait_for("it is paused", store.flags.standing)
    found = wait_for("a person is told", lambda: told(incident(store, str(flag.incident))))
    assert (found.reason, found.attempt) == (Reason.STANDING, 1)
    return found


def told(found: Incident) -> Incident | None:
    return found if found.alerted_at else None


def incident(store: Store, id_: str) -> Incident:
    found = store.incident(id_)
    assert found is not None
    return found


def mirrored(file: Path) -> list[Any]:
    return [flag["incident"] for flag in json.loads(file.read_text())["flags"]]


def acts(run: Guardian) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(run.state / "history.db")) as database:
        rows = database.execute("SELECT verb, author FROM guardian_acts ORDER BY at").fetchall()
    return [(verb, author) for verb, author in rows if verb in ("pause", "resume")]
