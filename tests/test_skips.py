"""A skip prints its reason, and fails where CI is set: a real pytest with tests/conftest.py, in its own process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE = """
import pytest

@pytest.mark.skipif(True, reason="no such machine")
def test_marked(): ...

def test_called():
    pytest.skip("no such tool")

@pytest.fixture
def tool():
    pytest.skip("no such fixture")

def test_fixture(tool): ...

@pytest.mark.xfail(reason="known")
def test_expected():
    assert False

def test_fine(): ...
"""
REASONS = ("no such machine", "no such tool", "no such fixture")


def ran(folder: Path, ci: str | None, *options: str, **more: str) -> tuple[int, str]:
    environ = {key: value for key, value in os.environ.items() if key not in {"CI", "PYTEST_ADDOPTS"}}
    words = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-ra", *options, str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        env=environ | more | ({"CI": ci} if ci is not None else {}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "with two workers"])
def test_where_ci_is_set_every_skip_fails_and_says_why(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_some.py").write_text(FILE)
    code, said = ran(tmp_path, "true", *options)
    assert code == 1
    assert all(f"not to be skipped where CI is set: Skipped: {reason}" in said for reason in REASONS), said
    assert "1 passed, 1 xfailed" in said
    assert "skipped" not in said.splitlines()[-1]


@pytest.mark.parametrize("ci", [None, ""])
def test_elsewhere_a_skip_prints_its_reason_and_passes(tmp_path: Path, ci: str | None) -> None:
    (tmp_path / "test_some.py").write_text(FILE)
    code, said = ran(tmp_path, ci)
    assert code == 0
    assert all(reason in said for reason in REASONS), said
    assert "1 passed, 3 skipped, 1 xfailed" in said


@pytest.mark.parametrize("skips", ['pytest.skip("not here", allow_module_level=True)', 'pytest.importorskip("nosuch")'])
def test_a_module_that_skips_itself_fails_too(tmp_path: Path, skips: str) -> None:
    (tmp_path / "test_none.py").write_text(f"import pytest\n{skips}\n")
    (tmp_path / "test_fine.py").write_text("def test_fine(): ...\n")
    code, said = ran(tmp_path, "1")
    assert code == 2
    assert "not to be skipped where CI is set" in said
    assert ran(tmp_path, None)[0] == 0


@pytest.mark.parametrize(("value", "code"), [("1", 0), ("", 1)])
def test_what_a_person_asked_to_be_skipped_is_skipped_there_as_well(tmp_path: Path, value: str, code: int) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n\ndef test_none():\n    pytest.skip('GUARDIAN_SKIP_TOOLS is set')\n\ndef test_fine(): ...\n"
    )
    assert ran(tmp_path, "1", GUARDIAN_SKIP_TOOLS=value)[0] == code
    assert ran(tmp_path, "1", GUARDIAN_SKIP_OTHERS="1")[0] == 1
