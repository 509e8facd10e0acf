"""The history under fire: SQL gone and restarted, feeders killed, and Redis emptied while cures cool down."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from guardian.engine.history import HISTORY
from guardian.history.tables import GAPS
from guardian.model import IncidentState, Reason
from tests.faults import invariants, past
from tests.faults.teststand import Bench, bench
from tests.postgres_server import PostgresServer, running_postgres
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

NO_BRAKE = {"at_least": 1000}
OUTAGE, TEN_MINUTES, SAID_SURELY = 45, 600, 340
MOST_CRASHES = 400  # the store keeps 500 incidents that are closed
LEAST_ENTRIES = 4  # of a heal that held


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Iterator[Bench]:
    settings = {"history": {"url": postgres.new_database(), "every": "1s"}, "brake": NO_BRAKE}
    with bench(3, settings) as made:
        yield made


def test_redis_emptied_while_five_cooldowns_are_open_nothing_is_restarted_again_and_each_ends_once(
    postgres: PostgresServer,
) -> None:
    """SQL hangs at first, so that it is seen what holds before anything was read back."""
    history = {"url": postgres.new_database(), "every": "1s"}
    with bench(6, {"history": history, "brake": NO_BRAKE, "heal": {"cooldown": "600s"}}) as made:
        broken, well = made.apps[:5], made.apps[5]
        for app in broken:
            made.crash(app, for_good=True)
        before = {app: made.wait_escalated(app).id for app in broken}
        made.wait_calm()
        past.wait_whole(made)
        starts = {app: len(made.starts(app)) for app in broken}
        assert set(starts.values()) == {2}
        postgres.hang()
        made.server.kill()
        made.start_server(empty=True)
        reasons = {Reason.RECOVERING}
        wait_for("all wait, and say why", lambda: {reason(made, app) for app in broken} == reasons, 60)
        postgres.resume()
        wait_for("all are known again", lambda: {app: known(made, app) for app in broken} == before, 60)
        cooling = made.store.cooldowns(made.store.open_incidents(), made.store.clock.now())
        assert {key.target for key in cooling} == set(broken)
        made.crash(well)
        made.wait_healed(well, 0)
        assert {app: len(made.starts(app)) for app in broken} == starts
        for app in broken:
            made.start_by_hand(app)
        wait_for("each has ended", lambda: all(known(made, app) is None for app in broken), 60)
        made.wait_calm()
        for app in broken:
            (incident,) = [each for each in made.of(app) if each.id == before[app]]
            assert incident.state is IncidentState.RESOLVED
            assert made.receiver.steps(app) == ["alert", "resolved"]
        invariants.check(made)
        past.wait_whole(made)
        made.end()


def reason(made: Bench, app: str) -> Reason | None:
    """Why its open incident is not healed."""
    return next((each.reason for each in made.store.open_incidents() if each.key.target == app), None)


def known(made: Bench, app: str) -> str | None:
    """The id of its open incident."""
    return next((each.id for each in made.store.open_incidents() if each.key.target == app), None)


@pytest.mark.parametrize("how", ["kill", "stop", "hang"])
def test_postgresql_gone_healing_goes_on_and_the_history_is_whole_when_it_is_back(
    on_postgres: Bench, postgres: PostgresServer, how: str
) -> None:
    made = on_postgres
    first, second, third = made.apps
    made.crash(first)
    made.wait_healed(first, 0)
    getattr(postgres, how)()
    made.crash(second)
    made.wait_healed(second, 0)
    wait_for("the history is missed", lambda: (made.store.past.standing() or missing()).failing_since, 60)
    made.crash(third, for_good=True)
    made.wait_escalated(third)
    if how == "hang":
        postgres.resume()
    else:
        postgres.start()
    made.start_by_hand(third)
    made.wait_healed(third, 0)
    made.wait_calm()
    past.wait_whole(made, 60)
    found = past.heals(made)
    assert (found[first, "held"], found[second, "held"], found[third, "not held"]) == (1, 1, 1)
    invariants.check(made)
    made.end()


def missing() -> None:
    raise AssertionError("nobody has joined the store")


@pytest.mark.timeout(0)
def test_sql_gone_under_load_every_crash_is_healed_and_the_history_lacks_nothing(
    postgres: PostgresServer, request: pytest.FixtureRequest
) -> None:
    """`--count-factor 14` and more: for ten minutes."""
    seconds = min(OUTAGE * request.config.getoption("--count-factor", 1), TEN_MINUTES)
    history = {"url": postgres.new_database(), "every": "1s"}
    with bench(6, {"history": history, "brake": NO_BRAKE, "heal": {"cooldown": "6s"}}) as made:
        *loaded, broken = made.apps
        load = Load(made, loaded, every=max(0.5, seconds / MOST_CRASHES))
        load.go_on(5)
        postgres.stop()
        made.crash(broken, for_good=True)
        made.wait_escalated(broken)
        made.start_by_hand(broken)
        made.wait_healed(broken, 0)
        began, before = time.monotonic(), load.crashes.total()
        load.go_on(seconds)
        load.wait_healed()
        away, waited = time.monotonic() - began, made.store.past.waiting()
        assert waited >= LEAST_ENTRIES * (load.crashes.total() - before), "somebody fed the history meanwhile"
        postgres.start()
        load.go_on(5)
        load.wait_healed()
        made.wait_calm()
        past.wait_whole(made, 90)
        print(f"SQL was away for {away:.0f} s: {load.crashes.total()} crashes, each healed; {waited} entries waited")
        assert past.rows(made, GAPS) == []
        found = past.heals(made)
        assert {app: found[app, "held"] for app in loaded} == dict(load.crashes)
        assert made.receiver.steps(HISTORY) == (["alert", "resolved"] if away > SAID_SURELY else [])
        invariants.check(made)
        made.end()


class Load:
    """Apps that die as soon as Guardian is done with their last death."""

    def __init__(self, made: Bench, apps: Sequence[str], every: float) -> None:
        self._made, self._apps, self._every = made, apps, every
        self.crashes = Counter(dict.fromkeys(apps, 0))

    def go_on(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            app = random.choice(self._apps)
            if self._at_rest(app):
                self._made.crash(app)
                self.crashes[app] += 1
            time.sleep(self._every)

    def wait_healed(self) -> None:
        """Each crash was answered by one start."""
        wait_for("every crash is healed", lambda: all(map(self._at_rest, self._apps)), 60)
        assert {app: len(self._made.starts(app)) - 1 for app in self._apps} == dict(self.crashes)

    def _at_rest(self, app: str) -> bool:
        if len(self._made.starts(app)) != self.crashes[app] + 1 or known(self._made, app):
            return False
        return self._made.runs(app)


@pytest.mark.parametrize("point", ["history committed", "history fed"])
@pytest.mark.parametrize("who", ["child", "group"])
def test_a_feeder_killed_between_the_commit_and_the_stream_doubles_and_loses_nothing(who: str, point: str) -> None:
    with bench(2, {"history": {"every": "1s"}}) as made:
        for number in range(2):
            app = made.apps[number]
            made.arm(point, who)
            made.crash(app)
            made.wait_fired()
            made.wait_healed(app, 0)
        made.wait_calm()
        past.wait_whole(made)
        assert past.heals(made) == {(app, "held"): 1 for app in made.apps}
        invariants.check(made)
        made.end()
