"""Where CI is set nobody reads what was skipped, so there a skip fails, with its reason: of a test or a whole module.
But one that a person asked for, by a variable GUARDIAN_SKIP_... that its reason names.

tests/conftest.py takes these hooks in, for every lane.
"""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

_Report = TypeVar("_Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _judged((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _judged((yield))


def _judged(report: _Report) -> _Report:
    """A failure that was expected (xfail) is no skip."""
    if not report.skipped or hasattr(report, "wasxfail") or not os.environ.get("CI"):
        return report
    reason = _reason(report.longrepr)
    if not _asked_for(reason):
        report.outcome = "failed"
        report.longrepr = f"not to be skipped where CI is set: {reason}"
    return report


def _asked_for(reason: str) -> bool:
    return any(name in reason for name, value in os.environ.items() if name.startswith("GUARDIAN_SKIP_") and value)


def _reason(longrepr: object) -> str:
    """Of (file, line, reason)."""
    return str(longrepr[-1] if isinstance(longrepr, tuple) else longrepr)
