"""Where CI is set nobody reads what was skipped, so there a skip fails, with its reason: of a test or a whole module.

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
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"not to be skipped where CI is set: {_reason(report.longrepr)}"
    return report


def _reason(longrepr: object) -> object:
    """Of (file, line, reason)."""
    return longrepr[-1] if isinstance(longrepr, tuple) else longrepr
