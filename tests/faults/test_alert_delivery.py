"""200 alerts over two channels by Apprise, whose receivers fail now and then, while workers are killed at random."""

import random
import re
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.model import Action, Decision, Reason, Severity, Status, TargetState, Verdict
from guardian.store.values import Look, Plan, Seen
from tests.faults.test_random_kills import kill_process
from tests.faults.teststand import NODE, Bench
from tests.notify.services import DISCORD, Answer, Behaviour, Services, rate_limited, reset
from tests.real_pm2 import wait_for

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]

ALERTS, BATCH, KILLS = 200, 20, 14
CHECK = "prepared"
WORKERS = ("act-1", "act-2")
SETTINGS = {
    "worker": {"time_limit": "10s", "visibility_timeout": "12s"},
    "heal": {"lease": "11s"},
}


def test_each_alert_arrives_and_twice_only_where_an_answer_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    given = request.config.getoption("--seed", None)
    seed = random.randrange(10**9) if given is None else given
    print(f"--seed {seed}")
    services = Services(tmp_path)
    for name, value in services.environment.items():
        monkeypatch.setenv(name, value)
    channels = {"alerts.channels.ops": {"url": services.json_url}, "alerts.channels.chat": {"url": DISCORD}}
    try:
        with Bench(0, {**SETTINGS, **channels}) as bench:
            bench.start(*WORKERS, "beat")
            under_fire(bench, services, random.Random(seed))
            wait_for("everything is delivered", lambda: arrived(services) and bench.calm(), 240)
            check(bench, services)
            bench.end()
    finally:
        services.close()


def under_fire(bench: Bench, services: Services, dice: random.Random) -> None:
    for batch in range(ALERTS // BATCH):
        fail(bench, [f"proc-{number:03}" for number in range(batch * BATCH, (batch + 1) * BATCH)], batch)
        if batch % 2 == 0:
            services.behave = [Answer(200), dice.choice(misbehaviours()), Answer(200), dice.choice(misbehaviours())]
        for _ in range(KILLS * BATCH // ALERTS + dice.randrange(2)):
            time.sleep(dice.uniform(0.2, 2))
            kill_process(bench.part(dice.choice(WORKERS)))
            bench.lost_answers += 1


def misbehaviours() -> list[Behaviour]:
    return [Answer(500), Answer(401), reset, rate_limited("", 2)]


def fail(bench: Bench, targets: list[str], version: int) -> None:
    """These fail, and a person is to hear of it."""
    now = bench.store.clock.now()
    state = TargetState(Status.FAIL, "it fails", Severity.HIGH, now, now)
    seen = [Seen(CHECK, Verdict(target, Status.FAIL, "it fails"), state, opens=True) for target in targets]
    recorded = bench.store.record(
        Look(CHECK, NODE, now, version, {}, Status.FAIL, "prepared", 0.1, seen, {}, release_every=timedelta(seconds=30))
    )
    assert len(recorded.opened) == len(targets)
    plans = [
        Plan(incident, Decision(Action.ALERT, Reason.NO_REMEDY), cure=False)
        for incident in bench.store.incidents(recorded.opened)
    ]
    planned = bench.store.plan(plans, now, resend=timedelta(seconds=1), release_every=timedelta(seconds=30))
    assert {each.outcome for each in planned} == {"tell"}


def counts(services: Services, host: str) -> Counter[str]:
    """How often each alert was taken there."""
    taken = [str(each.body) for each in list(services.taken) if each.host == host]
    return Counter(found[1] for body in taken if (found := re.search(r"(proc-\d{3}) fails on", body)))


def arrived(services: Services) -> bool:
    return all(len(counts(services, host)) == ALERTS for host in ("", "discord.com"))


def check(bench: Bench, services: Services) -> None:
    surplus = 0
    for host in ("", "discord.com"):
        found = counts(services, host)
        assert set(found) == {f"proc-{number:03}" for number in range(ALERTS)}, bench.report()
        surplus += found.total() - ALERTS
    print(f"{len(services.requests)} requests, {surplus} alerts twice, {bench.lost_answers} workers killed")
    assert surplus <= bench.lost_answers, bench.report()
    hook = Counter(
        told.target for told in bench.receiver.told if told.step == "alert" and told.target.startswith("proc")
    )
    assert set(hook) == {f"proc-{number:03}" for number in range(ALERTS)}, bench.report()
    log = (bench.folder / "log").read_text(errors="replace")
    assert not any(secret in log for secret in ("Very-secret_Discord-token", "very-secret-path"))
