"""The other Pythons it says it runs on: the quick tests of every room, by the same pinned packages. The Python that
runs these tests is not tried again. Each runs every module of Guardian; what is left out tries daemons of others."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_THIS = ".".join(platform.python_version_tuple()[:2])
_VERSIONS = ("3.11", "3.12", "3.13")
_LEFT_OUT = (
    *("containers", "faults", "bench"),  # whole programs, and what they cost
    *("supervisors/test_pm2.py", "supervisors/test_pm2_bus.py", "supervisors/test_supervisord.py"),  # real daemons
    *("docs", "test_layers.py", "test_pythons.py"),  # of the tree, or what this Python starts
)


def _run(*command: str | Path, seconds: float = 300) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return subprocess.run(
        [str(part) for part in command],
        cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


def _candidates(version: str) -> Iterator[Path]:
    """On PATH, where pyenv's may be a mere shim that answers for another version; and pyenv's own folders."""
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    if shutil.which("pyenv"):
        versions = Path(_run("pyenv", "root").stdout.strip()) / "versions"
        yield from sorted(versions.glob(f"{version}.*/bin/python{version}"))


def _interpreter(version: str) -> Path:
    for path in _candidates(version):
        if _run(path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").stdout.strip() == version:
            return path
    pytest.fail(f"Python {version} is neither on PATH nor among pyenv's: install it, it is one that Guardian promises")


def _environment(version: str, folder: Path) -> Path:
    """A fresh one with the pinned packages and this tree; the path of its Python."""
    uv = Path(sys.executable).parent / "uv"
    python = folder / "bin" / "python"
    pinned = [part for name in ("run", "dev") for part in ("-r", f"requirements/{name}.txt")]
    compiled = "--compile-bytecode"  # once, not by each of the many processes that the tests start
    for command in (
        (uv, "venv", "--quiet", "--python", _interpreter(version), folder),
        (uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", compiled, *pinned),
        (uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--no-build-isolation", "-e", "."),
    ):
        done = _run(*command)
        assert done.returncode == 0, done.stderr
    return python


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Directly below /tmp: these tests make Unix sockets below it, whose path has to stay under 100 characters."""
    with tempfile.TemporaryDirectory(prefix="py-", dir="/tmp", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("version", [one for one in _VERSIONS if one != _THIS])
def test_the_quick_tests_pass_on_every_python_it_promises(version: str, short_path: Path) -> None:
    python = _environment(version, short_path / "venv")
    left_out = [f"--ignore=tests/{name}" for name in _LEFT_OUT]
    done = _run(
        python, "-m", "pytest", "-q", "-m", "not long", "-n", "2", "-p", "no:cacheprovider",
        f"--basetemp={short_path / 't'}", *left_out,
        seconds=3300,
    )  # fmt: skip
    print(done.stdout[-4000:])
    assert done.returncode == 0
