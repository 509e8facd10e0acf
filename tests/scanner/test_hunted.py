"""What the hunt (test_fuzz.py) found once: each script in time, without a fault, the same for any seed of the hash."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from guardian.scanner import scan_file
from tests.scanner.shared_cases import FOLDER

HUNTED = sorted((FOLDER / "hunted").glob("*.py"))
_LIMIT = 0.5  # seconds of this process; the slowest took 3, and takes a hundredth of one now
_JUDGED = """
import sys
from guardian.scanner import scan_file
for name in sys.argv[1:]:
    report = scan_file(name)
    print(report.verdict, [(each.rule, each.line, each.column, each.message) for each in report.findings])
"""


@pytest.mark.parametrize("path", HUNTED, ids=lambda path: path.stem)
def test_what_the_hunt_found_is_judged_in_time(path: Path) -> None:
    began = time.process_time()
    report = scan_file(path)
    assert time.process_time() - began < _LIMIT
    assert not [each for each in report.findings if "could not be judged" in each.message], report.findings


def test_its_findings_do_not_depend_on_the_order_of_a_set() -> None:
    judged = [
        subprocess.run(
            [sys.executable, "-c", _JUDGED, *map(str, HUNTED)],
            env={"PYTHONHASHSEED": str(seed)}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in range(8)
    ]  # fmt: skip
    assert len(set(judged)) == 1
    assert len(judged[0].splitlines()) == len(HUNTED)
