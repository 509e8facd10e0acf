"""The command `guardian config check`, run for real on every broken file."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from guardian.config import load
from tests.config.sections import SECRET, SECTIONS

BROKEN = Path(__file__).parent / "broken"
RUN_COMMANDS = Path(__file__).parent / "run_commands.py"


def clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("GUARDIAN_")}


def run_all(commands: Sequence[Sequence[str]], *options: str) -> list[tuple[int, str]]:
    done = subprocess.run(
        [sys.executable, str(RUN_COMMANDS), *options],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        cwd=BROKEN,
        env=clean_environment(),
        timeout=60,
        check=True,
    )
    return [(code, output) for code, output in json.loads(done.stdout)]


def check(file: Path, *options: str) -> list[str]:
    return ["config", "check", "--config", str(file), *options]


def assert_refused(file: Path, expected: Sequence[str], text: tuple[int, str], as_json: tuple[int, str]) -> None:
    assert (text[0], as_json[0]) == (2, 2), (file, text, as_json)
    for output in (text[1], as_json[1]):
        assert "Traceback" not in output
        assert SECRET not in output
    answer = json.loads(as_json[1])
    assert answer["ok"] is False
    found = [f"{fault['key']}: {fault['reason']}" if fault["key"] else fault["reason"] for fault in answer["faults"]]
    assert found == list(expected)
    assert {fault["file"] for fault in answer["faults"]} == {str(file)}
    count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
    assert text[1].splitlines() == [*(f"{file}: {fault}" for fault in found), count]


def test_each_broken_file_is_refused_with_exactly_its_faults() -> None:
    """`NAME.txt` beside `NAME.toml` has the faults, one a line: key and reason."""
    files = sorted(BROKEN.glob("*.toml"))
    assert len(files) >= 80
    outputs = run_all([command for file in files for command in (check(file), check(file, "--json"))])
    for index, file in enumerate(files):
        expected = file.with_suffix(".txt").read_text().splitlines()
        assert_refused(file, expected, *outputs[2 * index : 2 * index + 2])


MADE = {
    "huge": ("#" * (2**20 + 1), "is over 1 MiB: no configuration"),
    "lists_in_lists": ("x = " + "[" * 100_000, "is nested too deeply"),
    "tables_in_tables": ("x = " + "{a=" * 100_000, "is nested too deeply"),
    "long_dotted_key": ("a." * 400_000 + "a = 1", "is nested too deeply"),
    "long_dotted_heading": ("[" + "a . " * 200_000 + "a]", "is nested too deeply"),
    "long_number": ("x = " + "1" * 5000, "is not TOML: a number in it is too long"),
    "one_long_word": ("a" * 900_000, "is not TOML: at the end: expected '=' after a key in a key/value pair"),
}


def test_files_that_are_too_much_are_refused_and_soon(tmp_path: Path) -> None:
    for name, (text, _) in MADE.items():
        (tmp_path / name).write_text(text)
    outputs = run_all(
        [command for name in MADE for command in (check(tmp_path / name), check(tmp_path / name, "--json"))]
    )
    for index, (name, (_, reason)) in enumerate(MADE.items()):
        assert_refused(tmp_path / name, [reason], *outputs[2 * index : 2 * index + 2])


def test_a_file_of_just_1_mib_is_read(tmp_path: Path) -> None:
    (tmp_path / "guardian.toml").write_text("#" * 2**20)
    assert load(tmp_path / "guardian.toml", SECTIONS, {}).source


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that every user may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_what_is_no_readable_file_is_refused(open_folder: Path) -> None:
    os.mkfifo(open_folder / "pipe")
    (open_folder / "folder").mkdir()
    (open_folder / "file").touch()
    (open_folder / "circle").symlink_to(open_folder / "circle")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(open_folder / "socket"))
    reasons = {
        "missing": "there is no such file",
        "missing/missing": "there is no such file",
        "file/x": "cannot be read: Not a directory",
        "pipe": "is no regular file",
        "socket": "is no regular file",
        "folder": "is a folder, not a file",
        "circle": "cannot be read: Too many levels of symbolic links",
        "n" * 300: "cannot be read: File name too long",
    }
    files = [open_folder / name for name in reasons]
    outputs = run_all([command for file in files for command in (check(file), check(file, "--json"))])
    for index, (file, reason) in enumerate(zip(files, reasons.values(), strict=True)):
        assert_refused(file, [reason], *outputs[2 * index : 2 * index + 2])


def test_a_file_that_this_user_may_not_read_is_refused(open_folder: Path) -> None:
    file = open_folder / "closed"
    file.touch(mode=0)
    assert_refused(
        file, ["cannot be read: Permission denied"], *run_all([check(file), check(file, "--json")], "--as-nobody")
    )


def guardian_command(folder: Path, *arguments: str | bytes, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from guardian.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        cwd=folder,
        env=clean_environment() | environ,
        timeout=60,
        check=False,
    )


def test_the_command_finds_the_file_by_itself_and_says_what_is_on(tmp_path: Path) -> None:
    nothing = guardian_command(tmp_path, "config", "check")
    assert (nothing.returncode, nothing.stdout) == (0, "no configuration file: every check is off\n")
    (tmp_path / "other.toml").write_text('node = "n1"\n[checks.process_health]\n')
    good = guardian_command(tmp_path, "config", "check", GUARDIAN_CONFIG="other.toml")
    assert good.returncode == 0
    assert good.stdout == f"{tmp_path}/other.toml: ok, node n1, mode heal, checks on: process_health\n"
    as_json = guardian_command(tmp_path, "config", "check", "--json", "--config", "other.toml")
    assert json.loads(as_json.stdout) == {"ok": True, "source": f"{tmp_path}/other.toml", "faults": []}


def test_a_wrong_environment_is_refused_without_a_file_too(tmp_path: Path) -> None:
    done = guardian_command(tmp_path, "config", "check", GUARDIAN_REDIS_URL=f"redis://:{SECRET}@h:x")
    assert done.returncode == 2
    assert done.stdout.startswith("environment: GUARDIAN_REDIS_URL: its port must be a number")
    assert SECRET not in done.stdout + done.stderr


def test_a_file_name_that_no_terminal_can_show_breaks_nothing(tmp_path: Path) -> None:
    done = guardian_command(tmp_path, "config", "check", "--config", b"\xff\xc3\xa9.toml", LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 2
    assert "there is no such file" in done.stdout
    assert "Traceback" not in done.stderr


def test_importing_the_configuration_imports_nothing_heavy() -> None:
    heavy = "{'celery', 'kombu', 'redis', 'sqlalchemy', 'requests'}"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, guardian.config; print(sorted({heavy} & sys.modules.keys()))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
