"""restart_anomaly beside process_health, both as they are, along the clock: a person hears of one story once."""

import pytest

from guardian.checks import process_health, restart_anomaly
from guardian.heal import restart_process
from guardian.model import HealState, IncidentState, Reason, Severity, TellState
from tests.engine.drive import Drive

HEALTH, ANOMALY = "process_health", "restart_anomaly"
HOUR = 3600


@pytest.fixture
def drive(drive: Drive) -> Drive:
    configure(drive)
    return drive


def configure(drive: Drive, text: str = "", *, order: tuple[str, ...] = (HEALTH, ANOMALY)) -> None:
    checks = {HEALTH: process_health.CHECK, ANOMALY: restart_anomaly.CHECK}
    remedies = {"restart_process": restart_process.REMEDY}
    drive.configure(text, {name: checks[name] for name in order}, remedies)


def acknowledge(drive: Drive, check: str, target: str = "writer") -> None:
    assert drive.store.acknowledge(drive.of(target, check).id, "ann", drive.clock.now()) == "acknowledged"


ORDERS = pytest.mark.parametrize("order", [(HEALTH, ANOMALY), (ANOMALY, HEALTH)], ids=["health first", "anomaly first"])


# The 35,000 restarts


@ORDERS
@pytest.mark.parametrize("lives", [1.2, 15, *(pytest.param(lives, marks=pytest.mark.long) for lives in (0.1, 45, 200))])
def test_a_loop_that_the_supervisor_keeps_up_is_one_alert_and_one_task_and_no_restart(
    drive: Drive, lives: float, order: tuple[str, ...]
) -> None:
    configure(drive, order=order)
    drive.world.start("writer")
    drive.until(10)
    drive.world.start("writer", lives=lives, autorestart=True)
    drive.until(2 * HOUR if lives > 100 else HOUR)
    drive.world.look()
    assert drive.world.apps["writer"].restarts == pytest.approx((drive.clock.seconds - 10) / lives, abs=1)
    assert drive.world.restarted == []
    assert drive.told == [("alert", "writer")]
    (task,) = drive.tasks()
    assert "UnicodeEncodeError" in task["root_cause_hypothesis"]
    assert drive.tasks("done") == []
    assert drive.of("writer", ANOMALY).state is IncidentState.OPEN


@ORDERS
@pytest.mark.parametrize("lives", [15, *(pytest.param(lives, marks=pytest.mark.long) for lives in (0, 45))])
def test_a_process_that_only_guardian_restarts_gets_the_allowed_cures_one_alert_and_one_task(
    drive: Drive, lives: float, order: tuple[str, ...]
) -> None:
    configure(drive, order=order)
    drive.world.start("writer", lives=lives)
    drive.until(HOUR / 2)
    assert 1 <= len(drive.world.restarted) <= 5
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1


def test_when_the_loop_was_mended_the_good_end_is_told_and_the_other_incident_stays_quiet(drive: Drive) -> None:
    drive.world.start("writer", lives=1.2, autorestart=True)
    drive.until(600)
    drive.world.recover("writer")
    drive.world.apps["writer"].restarts = 500
    drive.until(4 * HOUR)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    quiet = drive.of("writer", ANOMALY)
    assert (quiet.reason, quiet.tell) == (Reason.TOLD_ALREADY, TellState.NONE)
    assert len(drive.tasks("done")) == 1


def test_acknowledged_while_it_loops_all_ends_by_itself_an_hour_after_it_was_mended(drive: Drive) -> None:
    drive.world.start("writer", lives=1.2, autorestart=True)
    drive.until(60)
    acknowledge(drive, HEALTH)
    acknowledge(drive, ANOMALY)
    drive.until(600)
    drive.world.apps["writer"].lives = None
    drive.until(600 + HOUR + 20)
    assert drive.open == []
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]


def test_a_crash_while_the_other_incident_is_quiet_is_not_healed_and_told(drive: Drive) -> None:
    drive.world.start("writer", lives=1.2, autorestart=True)
    drive.until(600)
    drive.world.apps["writer"].lives = None
    drive.until(4 * HOUR)
    assert [step for step, _ in drive.told] == ["alert", "resolved"]
    drive.world.crash("writer")
    drive.until(4 * HOUR + 20)
    assert drive.world.restarted == []
    assert [step for step, _ in drive.told].count("alert") == 2
    assert {each.key.check for each in drive.open} == {HEALTH, ANOMALY}


# Taken in


def test_once_the_anomaly_was_told_a_crash_is_taken_in_and_after_the_acknowledgement_healed(drive: Drive) -> None:
    slow(drive)
    assert drive.told == [("alert", "writer")]
    drive.world.crash("writer")
    drive.advance(600)
    taken = drive.of("writer", HEALTH)
    assert (taken.reason, taken.tell, taken.heal, taken.attempt) == (
        Reason.TAKEN_IN,
        TellState.NONE,
        HealState.NONE,
        0,
    )
    decided = [step for step in drive.store.story(taken.id) if step.kind == "decided"]
    assert [step.reason for step in decided] == [Reason.TAKEN_IN]
    assert ANOMALY in decided[0].text
    assert drive.told == [("alert", "writer")]
    assert len(drive.tasks()) == 1
    acknowledge(drive, ANOMALY)
    drive.advance(40)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    assert len(drive.world.restarted) == 1
    assert drive.open == []


def slow(drive: Drive) -> None:
    """A process that was restarted 50 times, too slowly for any rate: told by restart_anomaly alone."""
    drive.world.start("writer")
    drive.advance(10)
    configure(drive, f"[checks.{ANOMALY}]\nmax_restarts = 3")
    for _ in range(3):
        drive.advance(700)
        drive.world.apps["writer"].restarts += 1
    drive.advance(20)
    assert [each.key.check for each in drive.open] == [ANOMALY]


def test_a_heal_under_way_ends_and_is_not_told_when_it_did_not_hold(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    configure(drive, f"[checks.{ANOMALY}]\nmax_restarts = 3")
    drive.world.dies_at_once("writer")
    drive.until(20)
    assert drive.of("writer", HEALTH).heal is HealState.VERIFYING
    drive.world.apps["writer"].restarts += 3
    drive.clock.forward(1)
    drive.patrol(ANOMALY)
    assert drive.told == [("alert", "writer")]
    drive.until(60)
    taken = drive.of("writer", HEALTH)
    assert (taken.heal, taken.tell, taken.reason) == (HealState.NONE, TellState.NONE, Reason.TAKEN_IN)
    assert ("not verified", Reason.HEAL_FAILED) in drive.story(taken)
    drive.until(HOUR)
    assert drive.told == [("alert", "writer")]
    assert len(drive.world.restarted) == 1
    assert len(drive.tasks()) == 1


def test_a_heal_that_was_decided_and_not_begun_is_taken_back(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    configure(drive, f"[checks.{ANOMALY}]\nmax_restarts = 3")
    drive.world.crash("writer")
    drive.world.apps["writer"].restarts += 3
    from guardian.engine.patrol import patrol  # noqa: PLC0415  its steps are kept back here

    kept_back = patrol(drive.engine, HEALTH).steps
    assert drive.of("writer", HEALTH).heal is HealState.PLANNED
    drive.patrol(ANOMALY)
    drive.follow(kept_back)
    drive.advance(60)
    assert drive.world.restarted == []
    assert drive.told == [("alert", "writer")]
    assert drive.of("writer", HEALTH).reason is Reason.TAKEN_IN


def test_a_decision_that_did_not_see_the_other_one_is_stale(drive: Drive) -> None:
    """Both looks at the same moment: the decision that comes second counts only as the first one left things."""
    drive.world.start("writer")
    drive.until(10)
    configure(drive, f"[checks.{ANOMALY}]\nmax_restarts = 3")
    drive.world.crash("writer")
    drive.world.apps["writer"].restarts += 3
    real = drive.store

    class Meanwhile:
        """Another worker's anomaly patrol comes between this one's reading and its decision."""

        came = False

        def __getattr__(self, name: str) -> object:
            if name == "plan" and not self.came:
                self.came = True
                drive.patrol(ANOMALY)
            return getattr(real, name)

    from guardian.engine.patrol import patrol  # noqa: PLC0415

    assert patrol(drive.through(Meanwhile()), HEALTH).steps == []
    assert drive.told == [("alert", "writer")]
    drive.advance(60)
    assert drive.world.restarted == []
    assert drive.told == [("alert", "writer")]


def test_a_check_that_was_switched_off_takes_nothing_in(drive: Drive) -> None:
    slow(drive)
    configure(drive, f"[checks.{ANOMALY}]\nenabled = false")
    drive.world.crash("writer")
    drive.advance(30)
    assert len(drive.world.restarted) == 1


def test_a_silenced_anomaly_keeps_no_crash_from_being_told(drive: Drive) -> None:
    from guardian.model import Silence  # noqa: PLC0415

    far = drive.clock.now().replace(year=2030)
    drive.store.add_silence(Silence("s", ANOMALY, "*", "*", far, "ann", ""))
    slow(drive)
    drive.world.crash("writer")
    drive.advance(30)
    assert drive.told == [("alert", "writer")]
    assert drive.log.got[0][1].check == HEALTH
    assert drive.world.restarted == []


def test_with_break_circuit_the_loop_is_stopped_all_the_same(drive: Drive) -> None:
    for order in ((ANOMALY, HEALTH),):
        configure(drive, "[heal]\nbreak_circuit = true", order=order)
        drive.world.start("writer", lives=0.1, autorestart=True)
        drive.until(60)
        assert not drive.world.online("writer")
        assert len(drive.world.stopped) == 1


def test_a_daemon_that_does_not_answer_is_told_by_one_of_the_two(drive: Drive) -> None:
    drive.world.start("writer")
    drive.until(10)
    drive.world.blind = "it hangs"
    drive.until(600)
    assert drive.told == [("alert", "world")]
    assert len(drive.tasks()) == 1
    drive.world.blind = None
    drive.until(660)
    assert drive.told == [("alert", "world"), ("resolved", "world")]
    assert drive.open == []


# Of before Guardian's time


@pytest.mark.parametrize("down", [True, False])
def test_an_old_counter_is_one_warning_and_nothing_more(drive: Drive, down: bool) -> None:
    drive.world.start("writer")
    drive.world.apps["writer"].restarts = 35_000
    drive.log.down = down
    drive.until(30)
    drive.log.down = False
    drive.until(HOUR)
    assert drive.told == [("alert", "writer")]
    notice = drive.only()
    assert (notice.severity, notice.reason, notice.state) == (Severity.WARNING, Reason.NOTICE, IncidentState.RESOLVED)
    assert notice.evidence is not None
    assert "before Guardian's time" in drive.log.got[0][1].title
    assert drive.log.got[0][1].severity == "warning"
    assert drive.tasks() == drive.tasks("done") == []
    assert drive.raw.zcard("t:due") == 0
    assert drive.world.restarted == []


def test_a_notice_is_told_although_the_worker_dies_before_it_decides(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.apps["writer"].restarts = 35_000
    real = drive.store

    class Dying:
        def __getattr__(self, name: str) -> object:
            if name == "plan":
                raise KeyboardInterrupt
            return getattr(real, name)

    from guardian.engine.patrol import patrol  # noqa: PLC0415

    with pytest.raises(KeyboardInterrupt):
        patrol(drive.through(Dying()), ANOMALY)
    drive.until(60)
    assert drive.told == [("alert", "writer")]
    assert drive.open == []


def test_a_silenced_notice_is_not_told_later(drive: Drive) -> None:
    drive.silence(seconds=60)
    drive.world.start("writer")
    drive.world.apps["writer"].restarts = 35_000
    drive.until(HOUR / 2)
    assert drive.told == []
    assert drive.open == []


def test_a_crash_at_the_same_time_as_the_notice_is_healed(drive: Drive) -> None:
    configure(drive, order=(ANOMALY, HEALTH))
    drive.world.start("writer")
    drive.world.apps["writer"].restarts = 35_000
    drive.world.crash("writer")
    drive.until(40)
    assert drive.world.times("writer") == [10]
    assert drive.told == [("alert", "writer")]


def test_after_the_notice_50_more_are_an_anomaly(drive: Drive) -> None:
    drive.world.start("writer")
    drive.world.apps["writer"].restarts = 35_000
    drive.until(20)
    drive.world.apps["writer"].restarts = 35_050
    drive.until(30)
    anomaly = next(each for each in drive.open if each.key.check == ANOMALY)
    assert anomaly.severity is Severity.HIGH
    assert anomaly.message.startswith("50 restarts since first seen")


# Acknowledged, reset, cluster


def test_an_acknowledgement_ends_it_at_the_next_look_and_50_more_begin_it_anew(drive: Drive) -> None:
    slow(drive)
    acknowledge(drive, ANOMALY)
    drive.advance(10)
    assert drive.open == []
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    drive.world.apps["writer"].restarts += 2
    drive.advance(20)
    assert drive.open == []
    drive.world.apps["writer"].restarts += 1
    drive.advance(20)
    (again,) = drive.open
    assert again.message.startswith("3 restarts since acknowledged")


def test_a_reset_of_the_counter_acknowledges_nothing(drive: Drive) -> None:
    slow(drive)
    drive.world.apps["writer"].restarts = 0
    drive.advance(60)
    assert [each.key.check for each in drive.open] == [ANOMALY]


def test_each_instance_of_a_cluster_is_its_own_target(drive: Drive) -> None:
    drive.world.start("api#0")
    drive.world.start("api#1", lives=10, autorestart=True)
    drive.until(300)
    assert {each.key.target for each in drive.open} == {"api#1"}
    assert drive.told == [("alert", "api#1")]


# Ping-pong


def test_a_process_that_somebody_else_keeps_bringing_back_is_one_alert(drive: Drive) -> None:
    configure(drive, f'mode = "observe"\n[checks.{HEALTH}]\nenabled = false')
    drive.world.start("writer")
    for _ in range(20):
        drive.advance(30)
        drive.world.crash("writer")
        drive.advance(30)
        drive.world.apps["writer"].online = True
    assert drive.told == [("alert", "writer")]
    assert "oscillating" in drive.log.got[0][1].title
    assert len(drive.tasks()) == 1
    drive.advance(320)
    assert drive.told == [("alert", "writer"), ("resolved", "writer")]
    assert drive.open == []


def test_guardians_own_cures_are_no_oscillation(drive: Drive) -> None:
    drive.world.start("writer")
    for _ in range(4):
        drive.advance(60)
        drive.world.crash("writer")
    drive.advance(60)
    assert len(drive.world.restarted) == 4
    assert drive.told == []
    assert {each.key.check for each in drive.every} == {HEALTH}
