import json
from pathlib import Path

from guardian.model import Mode
from guardian.services import load_config
from tests.cli.running import Program


def test_it_says_what_it_found_wrote_and_would_do_and_what_to_type_next(guardian: Program, folder: Path) -> None:
    ran = guardian("init")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "Found here:"
    assert f"Written: {folder}/guardian.toml, mode observe" in lines
    assert "Right now, armed, it would:" in lines
    assert lines[-1] == "Next: guardian up"
    assert load_config(None).mode is Mode.OBSERVE
    assert [path.name for path in folder.iterdir()] == ["guardian.toml"]


def test_as_json_and_by_another_name(guardian: Program, folder: Path) -> None:
    ran = guardian("init", "--json", "--config", "mine.toml")
    held = json.loads(ran.out)
    assert held["file"] == f"{folder}/mine.toml"
    assert set(held["found"]) == {"pm2", "supervisord", "ports", "web", "logs", "task_folders", "not_looked_at"}
    assert held["next"] == f"guardian up --config {folder}/mine.toml"


def test_a_second_time_it_refuses(guardian: Program, folder: Path) -> None:
    assert guardian("init").code == 0
    ran = guardian("init")
    assert (ran.code, ran.out) == (2, "")
    assert "--force" in ran.err
    assert guardian("init", "--force").code == 0
    assert len(list(folder.iterdir())) == 2


def test_init_check_and_arm_go_together(guardian: Program, folder: Path) -> None:
    guardian("init")
    assert guardian("config", "check").code == 0
    text = (folder / "guardian.toml").read_text()
    assert guardian("arm").code == 0
    assert (folder / "guardian.toml").read_text() == text.replace('mode = "observe"', 'mode = "heal"')
