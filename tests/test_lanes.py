"""What stays together when several processes share the tests: seen in a run with two of them."""

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests import lanes

ROOT = Path(__file__).parent.parent
FILE = """
import os, pathlib, pytest

@pytest.mark.timeout({limit})
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    with pathlib.Path("ran").open("a") as ran:
        print(os.environ["PYTEST_XDIST_WORKER"], "{name}", number, file=ran)
"""


def test_a_file_stays_together_and_so_do_those_that_measure_and_what_may_take_longest_begins(tmp_path: Path) -> None:
    for name, limit in {
        "room/test_short": 10,
        "bench/test_a": 50,
        "room/test_long": 1000,
        "containers/test_b": 50,
    }.items():
        file = tmp_path / "tests" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(FILE.format(name=name, limit=limit))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-p", "tests.lanes", "-p", "no:cacheprovider", "-n", "2", "-q"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    ran = defaultdict(list)
    for line in (tmp_path / "ran").read_text().splitlines():
        worker, name, number = line.split()
        ran[name].append((worker, number))
    orders = {name: [number for _, number in each] for name, each in ran.items()}
    assert all(each == ["0", "1", "2", "3"] for each in orders.values())
    workers = {name: {worker for worker, _ in each} for name, each in ran.items()}
    assert all(len(each) == 1 for each in workers.values())
    assert workers["bench/test_a"] == workers["containers/test_b"] != workers["room/test_long"]


@pytest.mark.parametrize("path", [*lanes.NEVER_BESIDE_EACH_OTHER, *lanes.SPREAD])
def test_what_has_a_rule_of_its_own_is_there(path: str) -> None:
    file, _, test = path.partition("::")
    assert (ROOT / file).exists()
    assert not test or f"def {test.partition('[')[0]}(" in (ROOT / file).read_text()
