"""The daily digest, for real: over Apprise, each message sent twice, and the one that tells it killed."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults import plugin
from tests.faults.test_alert_delivery import SETTINGS, fail
from tests.faults.teststand import Bench
from tests.notify.services import DISCORD, Answer, Services
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


def test_it_comes_to_each_channel_once_whoever_dies_whatever_comes_twice_and_whatever_its_least_severity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is older than the end of the day, which is within a minute and a half."""
    ends = (datetime.now(UTC) + timedelta(seconds=90)).replace(second=0, microsecond=0)
    services = Services(tmp_path)
    for name, value in services.environment.items():
        monkeypatch.setenv(name, value)
    settings = {
        **SETTINGS,
        "history": {"every": "1s"},
        "digest": {"at": f"{ends:%H:%M}"},
        "alerts.channels.ops": {"url": services.json_url, "severity": "critical"},
        "alerts.channels.chat": {"url": DISCORD},
        "alerts.channels.none": {"url": services.json_url + "/none", "digest": False},
    }
    try:
        with Bench(0, settings) as made:
            (made.folder / plugin.TWICE).touch()
            fail(made, ["proc-000"], 0)
            assert made.store.clock.now() < ends, "the machine is too slow for this test"
            made.arm("digest mark_digest", "child")
            made.start("act-1", "act-2", "beat")
            made.wait_fired(150)
            services.behave.append(Answer(500))
            wait_for("it is told", lambda: made.store.past.digest()[0] == ends.date() and made.calm(), 120)
            wait_for("it is everywhere", lambda: {path for path, _ in found(services)} == PATHS, 30)
            assert set(found(services).values()) == {1}, made.report()
            assert {day for _, day in found(services)} == {f"{ends:%Y-%m-%d %H:%M} UTC"}
            assert made.receiver.steps("digest") == ["digest"]
            log = (made.folder / "log").read_text()
            assert log.count("Guardian's day until") == 1
            made.end()
    finally:
        services.close()


PATHS = {"very-secret-path", "discord"}


def found(services: Services) -> Counter[tuple[str, str]]:
    """(place, until when) of each digest that was taken."""
    seen: Counter[tuple[str, str]] = Counter()
    for each in services.taken:
        text = each.text.replace("\\", "")  # Discord's escapes
        if day := re.search(r"Guardian's day until (\S+ \S+ UTC): ", text):
            seen["discord" if each.host else each.path.rpartition("/")[2], day[1]] += 1
    return seen
