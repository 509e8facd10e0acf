"""For all tests: machines here are shared, so no example fails for being slow. A skip fails where CI is set."""

from hypothesis import settings

from tests.skips import pytest_make_collect_report, pytest_runtest_makereport

__all__ = ["pytest_make_collect_report", "pytest_runtest_makereport"]

settings.register_profile("shared-machine", deadline=None, print_blob=True)
settings.load_profile("shared-machine")
