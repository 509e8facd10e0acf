"""Options of the long tests of logs."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--million-lines", type=int, default=1, help="millions of lines that are written and rotated")
