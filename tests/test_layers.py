"""Who may import whom is kept by import-linter: here it is shown that it really would notice."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent


def _contracts(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(_ROOT / "guardian", tmp_path / "guardian", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_as_it_is_keeps_its_layers(tree: Path) -> None:
    done = _contracts(tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("decide/policy.py", "import guardian.store.store", "guardian.decide is not allowed to import guardian.store"),
        ("store/store.py", "import guardian.heal.base", "guardian.store is not allowed to import guardian.heal"),
        ("engine/act.py", "import guardian.tasks.flow", "guardian.engine is not allowed to import guardian.tasks"),
        ("diagnose/signatures.py", "import subprocess", "guardian.diagnose is not allowed to import subprocess"),
    ],
)
def test_a_broken_layer_is_noticed(tree: Path, module: str, line: str, broken: str) -> None:
    with (tree / "guardian" / module).open("a") as file:
        file.write(f"\n{line}\n")
    done = _contracts(tree)
    assert done.returncode != 0
    assert broken in done.stdout


def test_a_room_that_the_contract_does_not_know_is_noticed(tree: Path) -> None:
    (tree / "guardian" / "leftovers").mkdir()
    (tree / "guardian" / "leftovers" / "__init__.py").touch()
    done = _contracts(tree)
    assert done.returncode != 0
    assert "leftovers" in done.stdout + done.stderr
