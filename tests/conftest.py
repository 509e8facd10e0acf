"""For all tests: machines here are shared, so no example fails for being slow. A skip fails where CI is set."""

import signal

from hypothesis import settings

from tests.lanes import pytest_collection_modifyitems, pytest_xdist_make_scheduler
from tests.skips import pytest_make_collect_report, pytest_runtest_makereport

__all__ = [
    "pytest_collection_modifyitems",
    "pytest_make_collect_report",
    "pytest_runtest_makereport",
    "pytest_xdist_make_scheduler",
]

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what it runs in the background so, and all that the tests start and interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("shared-machine", deadline=None, print_blob=True)
settings.load_profile("shared-machine")
