"""The Celery application: where it connects, and who takes what."""

from pathlib import Path

import pytest

from guardian.app import Role, broker_url, create, queues
from guardian.config import Sections, load


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("redis://127.0.0.1:6379/3", "redis://127.0.0.1:6379/3"),
        ("unix:///run/s.sock?db=2", "redis+socket:///run/s.sock?virtual_host=2"),
        ("unix:///run/s.sock", "redis+socket:///run/s.sock?virtual_host=0"),
        ("unix:///with%20space/s.sock", "redis+socket:///with%20space/s.sock?virtual_host=0"),
        ("unix://user:word@/run/s.sock", "redis+socket://user:word@/run/s.sock?virtual_host=0"),
        ("rediss://host/0", "rediss://host/0?ssl_cert_reqs=required"),
        ("rediss://host/0?ssl_cert_reqs=none", "rediss://host/0?ssl_cert_reqs=none"),
    ],
)
def test_a_redis_url_becomes_celerys_form(given: str, wanted: str) -> None:
    assert broker_url(given) == wanted


def test_looking_and_acting_wait_in_different_queues() -> None:
    assert queues(Role.CHECK, "n") == ["check.n"]
    assert queues(Role.OWN, "n") == ["own.n"]
    assert queues(Role.ACT, "n") == ["heal.n", "tell"]
    assert set(queues(Role.ALL, "n")) == {"check.n", "own.n", "heal.n", "tell"}


def test_scans_wait_where_nobody_looks_or_acts() -> None:
    """Whoever waits for a scan may itself be a task: in one pool the two would wait for each other."""
    assert queues(Role.SCAN, "n") == ["scan", "scan.n"]


def test_a_scan_has_the_time_that_its_policy_gives_however_short_other_tasks_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "guardian.toml"
    file.write_text('[worker]\ntime_limit = "5s"\n[scanner.agents.slow]\nmax_seconds = 30\n')
    config = load(file, Sections({}, {}), {})
    app = create(config, "redis://127.0.0.1:1/0", lambda: pytest.fail("nothing is built"))
    assert app.conf.task_time_limit == 5
    assert app.conf.task_annotations["guardian.scan"] == {"time_limit": 57, "soft_time_limit": pytest.approx(51.3)}
