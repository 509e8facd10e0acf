import json
import os
import stat
from pathlib import Path

import pytest

from guardian import services
from guardian.model import Mode
from tests.cli.running import Program
from tests.store.world import World


def file(folder: Path) -> Path:
    return folder / "guardian.toml"


def in_force(world: World) -> Mode | None:
    arming = world.store.arming()
    return arming.mode if arming else None


def test_it_changes_the_file_and_tells_the_running_guardian_who_and_when(
    guardian: Program, world: World, folder: Path
) -> None:
    text = file(folder).read_text()
    ran = guardian("disarm", "--by", "anna", "--comment", "deploy")
    assert ran.code == 0
    assert f'{file(folder)}: mode = "heal" -> mode = "observe"\n' in ran.out
    assert "the running Guardian only observes, from now on" in ran.out
    assert file(folder).read_text() == 'mode = "observe"\n' + text
    arming = world.store.arming()
    assert arming is not None
    assert (arming.mode, arming.by, arming.comment) == (Mode.OBSERVE, "anna", "deploy")
    assert abs(arming.at - world.store.clock.now()).total_seconds() < 60
    assert "mode observe (disarmed by anna " in guardian("status").out
    assert json.loads(guardian("status", "--json").out)["armed"]["by"] == "anna"
    assert guardian("arm", "--by", "bob").code == 0
    assert in_force(world) is Mode.HEAL
    assert file(folder).read_text() == 'mode = "heal"\n' + text


def test_a_second_time_it_does_nothing_and_says_so(guardian: Program, world: World, folder: Path) -> None:
    guardian("disarm")
    before = (file(folder).stat(), world.client.hgetall(world.keys.arming))
    ran = guardian("disarm", "--by", "another")
    assert (ran.code, ran.err) == (0, "")
    assert 'has mode = "observe" already' in ran.out
    assert "the running Guardian only observes already" in ran.out
    assert (file(folder).stat(), world.client.hgetall(world.keys.arming)) == before


def test_a_running_guardian_is_told_although_the_file_was_changed_by_hand(
    guardian: Program, world: World, folder: Path
) -> None:
    file(folder).write_text('mode = "observe"\n' + file(folder).read_text())
    guardian("disarm")
    file(folder).write_text(file(folder).read_text().replace("observe", "heal"))
    assert guardian("arm").code == 0
    assert in_force(world) is Mode.HEAL


def test_without_a_running_guardian_the_file_alone_is_changed(guardian: Program, folder: Path) -> None:
    file(folder).write_text('mode = "observe" # at first\n[checks.process_health]\nmode = "observe"\n')
    ran = guardian("arm")
    assert ran.code == 0
    assert "the next one heals from its start" in ran.out
    assert "by their own `mode` these go on observing: process_health" in ran.out
    assert file(folder).read_text() == 'mode = "heal" # at first\n[checks.process_health]\nmode = "observe"\n'
    assert services.load_config(None).mode is Mode.HEAL


def test_without_a_file_and_without_a_running_guardian_there_is_nothing_to_switch(
    guardian: Program, folder: Path
) -> None:
    ran = guardian("arm")
    assert ran.code == 2
    assert "guardian init" in ran.err
    assert list(folder.iterdir()) == []


def test_a_broken_file_is_not_touched(guardian: Program, folder: Path) -> None:
    file(folder).write_text("mode = 'observe'\nnonsense = 1\n")
    assert guardian("arm").code == 2
    assert file(folder).read_text() == "mode = 'observe'\nnonsense = 1\n"


def test_the_file_keeps_its_rights_and_a_link_stays_a_link(guardian: Program, folder: Path) -> None:
    real = folder / "real.toml"
    real.write_text("[checks.process_health]\n")
    real.chmod(0o640)
    file(folder).symlink_to(real)
    assert guardian("disarm").code == 0
    assert file(folder).is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text().startswith('mode = "observe"')
    assert sorted(path.name for path in folder.iterdir()) == ["guardian.toml", "real.toml"]


def test_a_store_that_is_away_is_said_and_the_file_is_changed(guardian: Program, folder: Path) -> None:
    file(folder).write_text('mode = "observe"\n[redis]\nurl = "unix:///nowhere/s.sock"\n')
    ran = guardian("arm", "--json")
    assert ran.code == 3
    held = json.loads(ran.out)
    assert held["file_changed"] is True
    assert held["running_guardian_told"] is False
    assert "Redis" in held["running_guardian_not_told_because"]


@pytest.fixture
def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Root writes anywhere: so the last step is refused, as a read-only mount refuses it."""

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(Path, "replace", refuse)
    return folder


def test_where_the_file_cannot_be_changed_disarming_holds_at_once_and_arming_does_not(
    guardian: Program, world: World, read_only: Path
) -> None:
    text = file(read_only).read_text()
    ran = guardian("disarm")
    assert ran.code == 1
    assert "Read-only file system" in ran.out
    assert in_force(world) is Mode.OBSERVE
    assert file(read_only).read_text() == text
    file(read_only).write_text('mode = "observe"\n' + text)
    world.client.delete(world.keys.arming)
    assert guardian("arm").code == 1
    assert in_force(world) is None
    assert sorted(path.name for path in read_only.iterdir()) == ["guardian.toml"]
