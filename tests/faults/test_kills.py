"""A worker dies at every point of every link, or loses an answer of the store: what it left undone is done once,
and nobody hears of it twice."""

import itertools

import pytest

from tests.faults import invariants
from tests.faults.teststand import Bench

pytestmark = [pytest.mark.timeout(400)]

LINKS = {
    "check": "begin last_look record facts silences plan end over",
    "heal": "begin link incident claim holds act acted finish end over",
    "verify": "begin link incident last_look verified end over",
    "sweep": "begin take_due incidents end over",
    "alert": "begin link incident silences claim_telling told story send sent mark_told finish_telling end over",
    "escalate": "begin link incident silences claim_telling story write written finish_telling end over",
}
GOOD_END = {
    "check": "record",
    "alert": "begin claim_telling send sent mark_told finish_telling end over",
    "escalate": "begin claim_telling close written finish_telling end over",
}
IN_EVERY_RUN = {("heal act", "group"), ("heal acted", "group")}


def points(links: dict[str, str], *names: str) -> list[str]:
    return [f"{link} {where}" for link, wheres in links.items() if link in names for where in wheres.split()]


def cases(found: list[str], *who: str) -> list[object]:
    return [
        pytest.param(*case, marks=[] if case in IN_EVERY_RUN else pytest.mark.long)
        for case in itertools.product(found, who)
    ]


def may_lose_an_answer(point: str, who: str) -> bool:
    """Whether it may end between the receiver's answer and the note of it: right there, or wherever the end of its main
    process catches a child that went on."""
    return point == "alert sent" or (who == "main" and point.startswith("alert "))


@pytest.mark.parametrize(
    ("point", "who"),
    [
        *cases(points(LINKS, "check", "heal", "verify", "sweep"), "group"),
        *cases(["check plan", "heal claim", "heal act", "heal acted", "verify verified"], "child", "main"),
        *cases(["check record", "check plan", "heal claim", "heal holds", "heal finish", "verify verified"], "answer"),
    ],
)
def test_cut_off_on_the_way_to_health_the_app_is_restarted_once_and_nobody_is_told(
    running: Bench, app: str, point: str, who: str
) -> None:
    before, started = len(running.of(app)), len(running.starts(app))
    running.arm(point, who)
    running.crash(app)
    running.wait_fired()
    incident = running.wait_healed(app, before)
    running.wait_calm()
    assert running.runs(app)
    assert len(running.starts(app)) == started + 1, running.report()
    assert incident.alerted_at is None, running.report()
    invariants.check(running)


@pytest.mark.parametrize(
    ("point", "who"),
    [
        *cases(points(LINKS, "alert", "escalate"), "group"),
        *cases(["alert claim_telling", "alert sent", "escalate write", "escalate written"], "child", "main"),
        *cases(["alert claim_telling", "alert mark_told", "alert finish_telling"], "answer"),
        *cases(["escalate claim_telling", "escalate finish_telling"], "answer"),
    ],
)
@pytest.mark.long
def test_cut_off_while_telling_each_step_is_told_and_one_task_is_written(
    running: Bench, app: str, point: str, who: str
) -> None:
    before = len(running.of(app))
    running.arm(point, who)
    running.lost_answers += may_lose_an_answer(point, who)
    running.crash(app, for_good=True)
    running.wait_fired()
    incident = running.wait_escalated(app)
    assert incident.task_file
    running.start_by_hand(app)
    running.wait_healed(app, before)
    running.wait_calm()
    invariants.check(running)


@pytest.mark.parametrize(("point", "who"), cases(points(GOOD_END, *GOOD_END), "group"))
@pytest.mark.long
def test_cut_off_at_the_good_end_it_is_told_and_the_task_is_closed(
    running: Bench, app: str, point: str, who: str
) -> None:
    before, told = len(running.of(app)), len(running.receiver.steps(app))
    running.crash(app, for_good=True)
    running.wait_escalated(app)
    running.arm(point, who)
    running.lost_answers += may_lose_an_answer(point, who)
    running.start_by_hand(app)
    running.wait_fired()
    incident = running.wait_healed(app, before)
    running.wait_calm()
    assert set(running.receiver.steps(app)[told:]) == {"alert", "resolved"}
    assert (running.requests / "done" / str(incident.task_file)).exists()
    invariants.check(running)
