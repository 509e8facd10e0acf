from pathlib import Path

import pytest

from tests.pipelines.benches import KINDS, Bench, bench_of
from tests.postgres_server import postgres_process, postgres_url

__all__ = ["bench", "postgres_process", "postgres_url"]


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """An empty store; each test runs on every kind."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return bench_of(request.param, tmp_path, url)
