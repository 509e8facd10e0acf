"""Options of the hunt in test_fuzz.py; they count where its folder or file is named on the command line."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-minutes", type=float, default=0.1, help="how long random scripts are scanned")
    parser.addoption("--fuzz-seed", type=int, default=None, help="repeat the hunt that printed this seed")
    parser.addoption("--fuzz-folder", default=None, help="where to put what breaks the scanner, reduced")
