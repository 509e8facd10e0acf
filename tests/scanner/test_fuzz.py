"""`--fuzz-minutes N`: random scripts for so long (`make soak`: 30). No exception, no late answer, no dead child.

`--fuzz-folder` gets what must not be, reduced; `--fuzz-seed` repeats a hunt as far as the machine's speed allows.
"""

import os
import time
from pathlib import Path

import pytest

from guardian.scanner.report import Finding, ScanReport, ScanVerdict, Severity
from tests.scanner.fuzzing.hunt import POLICY, hunt, reduced, wrong

_SHORT = 0.1


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")  # of what it makes up
def test_no_script_at_all_breaks_the_scanner(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    minutes = request.config.getoption("--fuzz-minutes", _SHORT)
    seed = request.config.getoption("--fuzz-seed", None) or time.time_ns() % 2**32
    folder = Path(request.config.getoption("--fuzz-folder", None) or tmp_path / "found")
    print(f"seed {seed}, {os.cpu_count()} cores, what is found goes to {folder}")
    found = hunt(minutes * 60, seed, folder, say=lambda text: print(text, flush=True))
    assert found.bad == {}
    assert set(found.verdicts) == set(ScanVerdict)


def _report(message: str = "", verdict: str = "block", duration: float = 0.0) -> ScanReport:
    finding = Finding("G001", Severity.BLOCK, 1, 1, 1, 1, "", message, "", "")
    return ScanReport("a.py", verdict, [finding], None, "", duration)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reports", "what"),
    [
        ((_report("could not be judged (KeyError)"), _report("could not be judged (KeyError)")), "exception"),
        ((_report("cannot be parsed"), _report("reading it ended the process that reads")), "child died"),
        ((_report("cannot be parsed"), _report("cannot be parsed", duration=POLICY.patience + 1)), "late"),
        ((_report("not read to its end within 3 s"), _report()), "late"),
        ((_report("takes too much memory"), _report("takes too much memory")), "memory"),
        ((_report("a"), _report("b")), "differs"),
        ((_report(verdict="perhaps"), _report(verdict="perhaps")), "no verdict"),
        ((_report("takes more than 3 s"), _report("a")), None),
        ((_report("takes too much memory to be parsed"), _report("takes too much memory to be parsed")), None),
    ],
)
def test_what_must_not_be_is_known(reports: tuple[ScanReport, ScanReport], what: str | None) -> None:
    assert wrong(reports) == what


def test_what_is_found_is_reduced() -> None:
    script = b"import os\n" * 50 + b"x = eval('1') + len('a')\n" + b"y = 2\n" * 50
    assert reduced(script, lambda less: b"eval" in less) == b"eval"
