"""The history under fire: SQL gone and restarted, feeders killed, and Redis emptied while cures cool down."""

from collections.abc import Iterator

import pytest

from guardian.model import IncidentState
from tests.faults import invariants, past
from tests.faults.teststand import Bench, bench
from tests.postgres_server import PostgresServer, running_postgres
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(240), pytest.mark.long]

NO_BRAKE = {"at_least": 1000}


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Iterator[Bench]:
    settings = {"history": {"url": postgres.new_database(), "every": "1s"}, "brake": NO_BRAKE}
    with bench(3, settings) as made:
        yield made


def test_redis_emptied_while_five_cooldowns_are_open_nothing_is_restarted_again_and_each_ends_once() -> None:
    settings = {"history": {"every": "1s"}, "brake": NO_BRAKE, "heal": {"cooldown": "600s"}}
    with bench(6, settings) as made:
        broken, well = made.apps[:5], made.apps[5]
        for app in broken:
            made.crash(app, for_good=True)
        before = {app: made.wait_escalated(app).id for app in broken}
        made.wait_calm()
        past.wait_whole(made)
        starts = {app: len(made.starts(app)) for app in broken}
        assert set(starts.values()) == {2}
        made.server.kill()
        made.start_server(empty=True)
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
