"""Options of the benches' tests."""

import pytest

from tests.real_pm2 import pm2_home

__all__ = ["pm2_home", "pytest_addoption"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--busy-minutes", type=float, default=1, help="how long the busy scene goes on")
