"""SPEC section 6, asserted over everything that happened on a bench so far; to be called when it is calm."""

import itertools
import json
from collections import Counter, defaultdict
from datetime import timedelta

from guardian.engine.engine import ESCALATIONS
from guardian.model import Incident, IncidentState, TellState
from tests.faults.teststand import Bench

_CLOCKS = timedelta(milliseconds=50).total_seconds()


def check(bench: Bench) -> None:
    incidents = bench.incidents()
    restarted_at_most_once_per_cooldown(bench, incidents)
    nothing_that_ran_was_restarted(bench)
    one_open_incident_per_key(bench, incidents)
    each_ended_once(bench, incidents)
    each_has_its_one_task(bench, incidents)
    told_once(bench)
    nothing_is_due(bench)


def restarted_at_most_once_per_cooldown(bench: Bench, incidents: list[Incident]) -> None:
    """Unless verified healthy in between, which lifts the cooldown."""
    cooldown = bench.config.heal.cooldown.total_seconds()
    verified: dict[str, list[float]] = defaultdict(list)
    for incident in incidents:
        steps = bench.store.story(incident.id)
        verified[incident.key.target] += [step.at.timestamp() for step in steps if step.kind == "verified"]
    for app in bench.apps:
        own = restarts_by_guardian(bench, app)
        for first, second in itertools.pairwise(own):
            lifted = any(first < at < second for at in verified[app])
            apart = second - first >= cooldown - 1  # counted from the claim
            assert lifted or apart, f"{app} restarted twice within {second - first:.1f} s\n{bench.report()}"


def restarts_by_guardian(bench: Bench, app: str) -> list[float]:
    """The app's own record without the starts by hand: each of those is the first start after its order."""
    starts = bench.starts(app)
    for ordered in bench.by_hand[app]:
        mine = next(at for at in starts if at >= ordered - _CLOCKS)
        starts.remove(mine)
    return starts


def nothing_that_ran_was_restarted(bench: Bench) -> None:
    """The supervisor itself restarted nothing that ran; and its log knows of each start that an app does."""
    logged = bench.supervised.logged_starts()
    for app in bench.apps:
        assert len(bench.starts(app)) <= logged.get(app, 0), f"{app}: {logged} starts in its log\n{bench.report()}"
    counters = bench.supervised.restarts_of_running()
    assert not any(counters.get(app) for app in bench.apps), f"{counters}\n{bench.report()}"


def one_open_incident_per_key(bench: Bench, incidents: list[Incident]) -> None:
    open_ones = Counter(str(each.key) for each in incidents if each.state is IncidentState.OPEN)
    assert all(count == 1 for count in open_ones.values()), f"{open_ones}\n{bench.report()}"
    known = {each.id for each in bench.store.open_incidents()}
    assert known == {each.id for each in incidents if each.state is IncidentState.OPEN}, bench.report()


def each_ended_once(bench: Bench, incidents: list[Incident]) -> None:
    for each in incidents:
        steps = Counter(step.kind for step in bench.store.story(each.id))
        resolved = each.state is IncidentState.RESOLVED
        assert steps["resolved"] == int(resolved), f"{each.id}\n{bench.report()}"
        assert resolved or each.escalated_at or each.acked_at, f"{each.id} has no end\n{bench.report()}"
        assert each.tell is (TellState.NONE if resolved else TellState.TOLD), f"{each.id}\n{bench.report()}"


def each_has_its_one_task(bench: Bench, incidents: list[Incident]) -> None:
    found: Counter[tuple[str, bool]] = Counter()
    for folder, is_open in ((bench.requests, True), (bench.requests / "done", False)):
        for file in folder.glob("*.task"):
            content = json.loads(file.read_text())
            found[(content["incident"], is_open)] += 1
    escalated = [each for each in incidents if each.task_file]
    expected = Counter((each.id, each.state is IncidentState.OPEN) for each in escalated)
    assert found == expected, f"{found} is not {expected}\n{bench.report()}"
    for each in incidents:
        told = [step for step in bench.store.story(each.id) if step.text.startswith("escalation task ")]
        assert len(told) == int(each.task_file is not None), f"{each.id}\n{bench.report()}"
        needs_one = each.escalated_at is not None and each.key.target != ESCALATIONS
        assert (each.task_file is not None) == needs_one, f"{each.id}\n{bench.report()}"


def told_once(bench: Bench) -> None:
    """More often only where an answer was lost."""
    excused = bench.receiver.unanswered()
    surplus = {key: count - 1 - excused[key] for key, count in bench.receiver.count().items()}
    too_many = sum(count for count in surplus.values() if count > 0)
    assert too_many <= bench.lost_answers, f"{surplus}\n{bench.report()}"
    for each in bench.incidents():
        marks = Counter(step.text for step in bench.store.story(each.id) if step.kind == "told")
        assert all(count == 1 for count in marks.values()), f"{marks}\n{bench.report()}"


def nothing_is_due(bench: Bench) -> None:
    with bench.server.client() as client:
        due = client.zrange(bench.config.redis.prefix + "due", 0, -1)
    assert due == [], f"{due}\n{bench.report()}"
