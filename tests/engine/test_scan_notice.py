"""A person is told of a blocked script once, whatever comes twice, and never by a flood."""

from typing import Any

import pytest

from guardian.engine import scan_notice
from guardian.engine.scan_notice import CHECK, FLOOD, MORE, notice, security_report
from guardian.errors import StoreError
from tests.engine.drive import Drive


def answer(number: int = 0, verdict: str = "block", **more: Any) -> dict[str, Any]:
    finding = {"rule": "G101", "severity": verdict, "line": 3, "message": "eval"}
    return {
        "path": f"/srv/made/s{number}.py", "sha256": f"{number:064x}"[::-1], "verdict": verdict, "agent": "writer",
        "findings": [finding, finding], "quarantine": {"id": "x", "text": ""}, **more,
    }  # fmt: skip


def titles(drive: Drive) -> list[str]:
    return [each.title for _, each in drive.receivers[0].got]


def test_a_blocked_script_is_told_of_once_and_is_over(drive: Drive) -> None:
    notice(drive.engine, answer())
    drive.advance(10)
    (told,) = titles(drive)
    assert "s0.py 00000000 fails on" in told
    assert "scan verdict block, agent writer, quarantined: G101 line 3: eval (and 1 more)" in told
    notice(drive.engine, answer())
    drive.advance(60)
    assert len(titles(drive)) == 1
    assert drive.store.open_incidents() == []


def test_it_is_told_of_again_the_next_day(drive: Drive) -> None:
    for _ in range(2):
        notice(drive.engine, answer())
        drive.advance(10)
        drive.clock.forward(24 * 3600)
    assert len(titles(drive)) == 2


def test_what_is_allowed_is_not_told_of(drive: Drive) -> None:
    notice(drive.engine, answer(verdict="allow", findings=[]))
    drive.advance(10)
    assert titles(drive) == []


def test_a_review_is_less_severe(drive: Drive) -> None:
    notice(drive.engine, answer(verdict="review"))
    drive.advance(10)
    assert [each.severity for _, each in drive.receivers[0].got] == ["warning"]


def test_a_flood_is_told_of_together(drive: Drive) -> None:
    for number in range(3 * FLOOD):
        notice(drive.engine, answer(number))
    drive.advance(10)
    assert len(titles(drive)) == FLOOD + 1
    assert sum(title.startswith(f"{MORE} fails on") for title in titles(drive)) == 1
    drive.clock.forward(1200)
    notice(drive.engine, answer(3 * FLOOD))
    drive.advance(10)
    assert len(titles(drive)) == FLOOD + 2


def test_a_death_in_between_leaves_the_telling_to_the_sweep(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = scan_notice.settle, []

    def dies(*given: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given, **more)

    monkeypatch.setattr(scan_notice, "settle", dies)
    with pytest.raises(KeyboardInterrupt):
        notice(drive.engine, answer())
    drive.advance(10)
    assert len(titles(drive)) == 1
    notice(drive.engine, answer())  # the message comes again
    drive.advance(10)
    assert len(titles(drive)) == 1
    assert drive.store.open_incidents() == []


def test_two_workers_at_once_tell_of_both(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one gets in between reading and writing."""
    real, done = scan_notice.settle, []

    def slower(*given: Any, **more: Any) -> Any:
        if not done:
            done.append(1)
            notice(drive.engine, answer(1))
        return real(*given, **more)

    monkeypatch.setattr(scan_notice, "settle", slower)
    notice(drive.engine, answer(0))
    drive.advance(10)
    assert len(titles(drive)) == 2


def test_what_is_remembered_is_bounded(drive: Drive) -> None:
    for day in range(5):
        for number in range(10):
            notice(drive.engine, answer(100 * day + number))
        drive.advance(10)
        drive.clock.forward(24 * 3600)
    notice(drive.engine, answer(999))
    assert len(drive.store.last_look(CHECK, drive.engine.node).states) == 1


def test_a_security_report_that_cannot_be_written_is_an_incident_until_it_can(drive: Drive) -> None:
    security_report(drive.engine, "the disk is full")
    drive.advance(10)
    assert "security report fails on" in titles(drive)[0]
    assert len(drive.store.open_incidents()) == 1
    security_report(drive.engine, None)
    drive.advance(10)
    assert drive.store.open_incidents() == []


def test_a_store_that_is_away_is_said(drive: Drive) -> None:
    drive.raw.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreError):
            notice(drive.engine, answer())
    finally:
        drive.raw.config_set("maxmemory", 0)
