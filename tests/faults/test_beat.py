"""Beat dies, hangs, or left thousands of old messages behind."""

import json
import time
import uuid

import pytest
import redis

from tests.faults import invariants
from tests.faults.teststand import NODE, Bench
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

STALE, LIVE_AMONG_THEM = 10_000, 500


def test_killed_again_and_again_it_comes_back_and_the_crash_is_healed(running: Bench, app: str) -> None:
    before, started = len(running.of(app)), len(running.starts(app))
    running.crash(app)
    for _ in range(3):
        victim = wait_for("beat runs", lambda: running.part("beat"), 60)
        victim.kill()
        wait_for("it is gone", lambda: running.part("beat") != victim, 60)  # noqa: B023  waited for at once
    running.wait_healed(app, before)
    running.wait_calm()
    assert len(running.starts(app)) == started + 1
    invariants.check(running)


def test_hung_for_seconds_it_only_delays(running: Bench, app: str) -> None:
    before, started = len(running.of(app)), len(running.starts(app))
    beat = wait_for("beat runs", lambda: running.part("beat"), 60)
    beat.suspend()
    running.crash(app)
    time.sleep(5)  # the fault itself
    beat.resume()
    running.wait_healed(app, before)
    running.wait_calm()
    assert len(running.starts(app)) == started + 1
    invariants.check(running)


def test_ten_thousand_old_checks_delay_no_cure_and_repeat_none() -> None:
    with Bench(apps=2) as made:
        fill(made)
        healing, broken = made.apps
        made.start(wait=False)
        wait_for("the first looks", made.all_seen_well, 60)
        made.crash(healing)
        made.crash(broken, for_good=True)
        made.wait_healed(healing, 0, 60)
        made.wait_escalated(broken, 60)
        wait_for("the old messages are gone", lambda: depth(made) < 100, 200)
        made.start_by_hand(broken)
        made.wait_healed(broken, 0)
        made.wait_calm()
        assert len(made.starts(healing)) == 2
        assert made.receiver.steps(healing) == []
        invariants.check(made)
        made.end()


def depth(made: Bench) -> int:
    with made.server.client() as client:
        return int(client.llen(queue(made)))


def queue(made: Bench) -> str:
    return f"{made.config.redis.prefix}check.{NODE}"


def fill(made: Bench) -> None:
    """Copies of a message that beat itself sent; one in twenty has not expired."""
    made.store.signs.node_seen(NODE, "check")
    made.start("beat", wait=False)
    wait_for("beat has sent a check", lambda: depth(made), 60)
    made.end()
    with made.server.client() as client:
        original = json.loads(client.lindex(queue(made), 0))
        client.delete(queue(made))
        push(made, client, original)
    assert depth(made) == STALE


def push(made: Bench, client: redis.Redis, original: dict[str, dict[str, object]]) -> None:
    pipe = client.pipeline(transaction=False)
    for number in range(STALE):
        id_ = str(uuid.uuid4())
        live = number % (STALE // LIVE_AMONG_THEM) == 0
        expires = None if live else "2020-01-01T00:00:00+00:00"
        headers = original["headers"] | {"id": id_, "root_id": id_, "expires": expires}
        properties = original["properties"] | {"correlation_id": id_, "delivery_tag": str(uuid.uuid4())}
        pipe.lpush(queue(made), json.dumps(original | {"headers": headers, "properties": properties}))
    pipe.execute()
