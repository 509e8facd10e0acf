import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from guardian.errors import AlreadyRunning, GuardianError
from guardian.runtime import statedir
from guardian.runtime.statedir import Client

CLIENT = Client(url="unix:///s.sock?db=0", prefix="p:", flags="/f.json", node="n1")


def test_the_state_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    state = statedir.prepare(tmp_path / "a" / "state")
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_file_in_its_place_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GuardianError, match="cannot be the state directory"):
        statedir.prepare(tmp_path / "file" / "state")


def test_held_by_one_it_cannot_be_held_by_another_who_learns_the_process(tmp_path: Path) -> None:
    with statedir.held(tmp_path), pytest.raises(AlreadyRunning) as error, statedir.held(tmp_path):
        pass
    assert error.value.pid == os.getpid()


def test_released_it_can_be_held_again_and_no_lock_is_left(tmp_path: Path) -> None:
    with statedir.held(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
    with statedir.held(tmp_path):
        pass


def test_the_lock_of_a_killed_holder_does_not_count(tmp_path: Path) -> None:
    code = "import sys, os, pathlib; from guardian.runtime.statedir import held\n"
    code += "with held(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert (tmp_path / "lock").exists()
    with statedir.held(tmp_path):
        pass


def test_clients_see_the_announcement_only_while_it_lasts(tmp_path: Path) -> None:
    assert statedir.client(tmp_path) is None
    with statedir.announced(tmp_path, CLIENT):
        assert statedir.client(tmp_path) == CLIENT
        assert stat.S_IMODE((tmp_path / "client.json").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []


def test_a_spoilt_announcement_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "client.json").write_text(json.dumps({"url": 1}))
    with pytest.raises(GuardianError, match=r"client\.json cannot be read"):
        statedir.client(tmp_path)
