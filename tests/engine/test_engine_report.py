"""The numbers of a span of time, and how they are shown."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from guardian.engine.numbers import Group, Heals, Times, numbers
from guardian.engine.report import document, markdown
from guardian.history.values import (
    DONE,
    FAILED,
    HELD,
    NOT_HELD,
    STOPPED,
    Gap,
    Past,
    PastAct,
    PastHeal,
    PastIncident,
    PastScan,
    PastScans,
    ScanCount,
)

UNTIL = datetime(2026, 11, 24, 12, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=7)


def incident(target: str, opened: float, ended: float | None = None, **changes: Any) -> PastIncident:
    """Hours after the beginning of the span."""
    at = SINCE + timedelta(hours=opened)
    given: dict[str, Any] = {
        "id": f"id-{target}", "check": "process_health", "node": "n1", "target": target, "severity": "high",
        "message": "stopped", "opened_at": at, "looked_before": at - timedelta(seconds=10),
        "resolved_at": None if ended is None else SINCE + timedelta(hours=ended), "attempt": 1, "told": False,
        "resolution": None if ended is None else "healed: online", "acked_by": None,
    }  # fmt: skip
    return PastIncident(**given | changes)


def heals(remedy: str, *outcomes: str | None) -> Sequence[PastHeal]:
    return [PastHeal(remedy, "restart", "process_health", "n1", "api", SINCE, outcome) for outcome in outcomes]


def past(*incidents: PastIncident, **changes: Any) -> Past:
    return Past(SINCE, UNTIL, SINCE - timedelta(days=30), incidents, **changes)


def test_only_what_began_or_ended_within_the_span_is_counted() -> None:
    found = numbers(
        past(incident("before", -5, 1), incident("within", 1, 2), incident("after", 1, 24 * 7), incident("open", 3))
    )
    assert (found.opened, found.resolved, found.healed) == (3, 2, 2)
    assert [each.target for each in found.still_open] == ["after", "open"]


def test_times_are_mean_and_worst() -> None:
    slow = incident("slow", 1, 4, looked_before=SINCE + timedelta(hours=1) - timedelta(seconds=30))
    found = numbers(past(slow, incident("fast", 1, 2)))
    assert found.detect == Times(timedelta(seconds=20), timedelta(seconds=30))
    assert found.recover == Times(timedelta(hours=2), timedelta(hours=3))
    assert numbers(past()).recover == Times(None, None)


def test_heals_are_counted_by_remedy_and_by_how_they_ended() -> None:
    given = [*heals("restart_process", HELD, HELD, NOT_HELD, FAILED, STOPPED, DONE, None), *heals("other", HELD)]
    assert numbers(past(heals=given)).heals == {
        "other": Heals(1, 1, 0, 0, 0, 0),
        "restart_process": Heals(7, 2, 1, 1, 1, 2),
    }


def test_groups_come_with_the_worst_first() -> None:
    found = numbers(past(incident("a", 1, 2), incident("b", 1, 2), incident("b", 3, told=True)))
    assert found.by_target == [Group("b@n1", 2, 1, 1, 1), Group("a@n1", 1, 1, 0, 0)]
    assert found.by_check == [Group("process_health", 3, 2, 1, 1)]


def test_the_document_has_plain_numbers() -> None:
    given = past(
        incident("api", 1, 2), heals=heals("restart_process", HELD), sent={"log": 2}, failed=1,
        gaps=[Gap(UNTIL, 0, None, UNTIL)], acts=[PastAct(UNTIL, "ann", "acknowledge", "api")],
    )  # fmt: skip
    found = document(given)
    assert found["seconds_to_recover"] == {"mean": 3600.0, "worst": 3600.0}
    assert found["notifications"] == {"sent": {"log": 2}, "failed": 1}
    assert found["gaps"] == [{"after": None, "before": UNTIL.isoformat(), "entries": None}]
    assert found["heals"] == {
        "restart_process": {"tried": 1, "held": 1, "not_held": 0, "failed": 0, "stopped": 0, "other": 0}
    }


def test_markdown_has_a_section_for_what_there_is_and_no_other() -> None:
    text = markdown(past(incident("api", 1, 2), heals=heals("restart_process", HELD), sent={"log": 1}))
    assert "| restart_process | 1 | 1 | 0 | 0 | 0 | 0 |" in text
    assert "Seen within (at most): mean 10.0s, worst 10.0s. Over after: mean 1h, worst 1h." in text
    assert "Open at the end" not in text
    assert "Gaps" not in text
    assert markdown(past()).count("##") == 0


def test_a_name_cannot_break_the_table() -> None:
    text = markdown(past(incident("a|b\n| x | \x1b[31m", 1)))
    (line,) = [line for line in text.splitlines() if "a\\|b" in line and "stopped" in line]
    assert line.count(" | ") == 3
    assert "\x1b" not in text


def test_a_history_that_is_younger_than_the_span_says_so() -> None:
    young = Past(SINCE, UNTIL, SINCE + timedelta(days=1))
    assert "The history begins at 2026-11-18 12:00:00Z" in markdown(young)


def scans(*counts: ScanCount) -> PastScans:
    blocked = PastScan(UNTIL, "n1", "writer", "/made/a|b.py", "block", "ab", ["G101", "G205"])
    return PastScans(SINCE.date(), UNTIL.date(), counts, [blocked])


def test_scans_are_counted_by_agent_and_by_rule() -> None:
    counts = [ScanCount("", "allow", 5), ScanCount("writer", "block", 2), ScanCount("writer", "review", 1)]
    given = past(scans=scans(*counts, ScanCount("writer", "G101", 2), ScanCount("writer", "G205", 3)))
    text = markdown(given)
    assert "| (none named) | 5 | 0 | 0 |\n| writer | 3 | 2 | 1 |\n| all | 8 | 2 | 1 |" in text
    assert "## Scans by rule\n\n| rule | scripts |\n| --- | --- |\n| G205 | 3 |\n| G101 | 2 |" in text
    assert "By whole days (UTC), 2026-11-17 to 2026-11-24." in text
    assert "| 2026-11-24 12:00:00Z | writer | /made/a\\|b.py@n1 | block | G101 G205 |" in text
    found = document(given)["scans"]
    assert isinstance(found, dict)
    assert (found["scans"], found["blocked"], found["reviewed"]) == (8, 2, 1)
    assert found["by_rule"] == {"G205": 3, "G101": 2}
    assert found["not_allowed"][0]["path"] == "/made/a|b.py"  # type: ignore[call-overload,index]


def test_where_nothing_was_scanned_the_report_says_nothing_of_it() -> None:
    assert "Scans" not in markdown(past())
    assert document(past())["scans"] is None
    assert "Scans" not in markdown(past(scans=PastScans(SINCE.date(), UNTIL.date())))
