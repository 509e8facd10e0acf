"""The containers' entry points are the commands, in a process of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("part", ["worker", "beat"])
def test_a_part_takes_its_commands_options(part: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", part, "--state", str(tmp_path / "state"), "--config", str(tmp_path / "none.toml")],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "none.toml" in done.stderr
    assert "Traceback" not in done.stderr
