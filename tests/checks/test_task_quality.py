"""task_quality on real logs: what counts as a fallback, streaks, and each line once."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guardian.checks import task_quality
from guardian.checks.task_quality import Params
from guardian.errors import SourceAbsent
from guardian.logs.entries.reader import JsonLogs
from guardian.model import Status, Verdict
from guardian.ports import Containment, Ports
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import NOW


class Looks:
    """Looks at one log, one after the other; memory goes through JSON."""

    def __init__(self, folder: Path, **params: Any) -> None:
        self.log = folder / "results.jsonl"
        self.log.touch()
        self.params = Params(files=(folder / "*.jsonl",), **params)
        self.ports: Ports = replace(plain_ports(), entries=JsonLogs())
        self.memory: Any = {}
        self.now: datetime = NOW

    def write(self, *lines: dict[str, Any] | str) -> None:
        with self.log.open("a") as log:
            log.writelines((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)

    def results(self, agent: str | None, *fallbacks: bool, **more: Any) -> None:
        who = {"agent": agent} if agent else {}
        self.write(*({**who, "template_fallback": each, **more} for each in fallbacks))

    def look(self, *, keep: bool = True) -> dict[str, Verdict]:
        sample = task_quality.probe(self.ports, self.params, None, self.memory)
        judgement = task_quality.judge(sample, self.params, self.memory, self.now)
        if keep:
            self.memory = json.loads(json.dumps(judgement.memory))
        self.now += timedelta(seconds=10)
        return {verdict.target: verdict for verdict in judgement.verdicts}

    def statuses(self) -> dict[str, str]:
        return {target: str(verdict.status) for target, verdict in self.look().items()}


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    return Looks(tmp_path)


def test_four_in_a_row_are_well_and_five_fail_until_a_good_one_returns(looks: Looks) -> None:
    looks.results("a", False, *[True] * 4)
    looks.results("b", *[False] * 5)
    assert looks.statuses() == {"all agents": "ok", "agent a": "ok", "agent b": "ok"}
    looks.results("a", True)
    found = looks.look()
    assert found["agent a"].status is Status.FAIL
    assert found["agent a"].message == "5 template fallbacks in a row (limit 5), the last 0s ago"
    assert found["agent a"].facts == {"fallbacks_in_a_row": 5, "results": 6, "limit": 5}
    looks.results("a", False)
    assert looks.statuses()["agent a"] == "ok"


def test_over_all_it_takes_more_than_one_agent(looks: Looks) -> None:
    looks.results("a", *[True] * 5)
    assert looks.statuses() == {"all agents": "ok", "agent a": "fail"}
    looks.results("b", True)
    assert looks.statuses() == {"all agents": "fail", "agent a": "fail", "agent b": "skipped"}


def test_lines_without_an_agent_count_over_all(looks: Looks) -> None:
    looks.results(None, *[True] * 5)
    assert looks.statuses() == {"all agents": "fail"}


def test_too_few_results_are_skipped_and_said(looks: Looks) -> None:
    looks.results("a", True, True)
    found = looks.look()["agent a"]
    assert (found.status, found.message) == (Status.SKIPPED, "too few results so far: 2 of 5")


def test_a_look_that_is_not_kept_counts_nothing(looks: Looks) -> None:
    looks.results("a", *[True] * 3)
    for _ in range(3):
        assert looks.look(keep=False)["agent a"].facts["fallbacks_in_a_row"] == 3
    looks.look()
    assert looks.look()["agent a"].facts["fallbacks_in_a_row"] == 3


@pytest.mark.parametrize(
    ("params", "bad", "good"),
    [
        ({}, {"template_fallback": True}, {"template_fallback": 1}),
        ({"field": "source", "values": ("template",)}, {"source": "template"}, {"source": "model"}),
        ({"field": "out.kind", "values": (7,)}, {"out": {"kind": 7}}, {"out": 7}),
        ({"field": "text", "pattern": "(?i)as an ai"}, {"text": "Well, as an AI"}, {"text": ["as an AI"]}),
    ],
)
def test_what_a_fallback_is_is_configured(
    tmp_path: Path, params: dict[str, Any], bad: dict[str, Any], good: dict[str, Any]
) -> None:
    looks = Looks(tmp_path, **params)
    looks.write(*[{"agent": "a", **bad}] * 5)
    assert looks.statuses()["agent a"] == "fail"
    looks.write({"agent": "a", **good})
    assert looks.statuses()["agent a"] == "ok"


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="must be a regular expression"):
        Params(pattern="(")


def test_lines_that_are_no_results_are_passed_over(tmp_path: Path) -> None:
    looks = Looks(tmp_path, result="output")
    looks.results("a", *[True] * 5)
    looks.results("a", *[True] * 5, output="x")
    assert looks.look()["agent a"].facts["results"] == 5


def test_a_late_line_takes_the_place_of_its_time(looks: Looks) -> None:
    at = NOW.timestamp()
    looks.write(*({"agent": "a", "template_fallback": True, "time": at - 100 + n} for n in range(5)))
    assert looks.statuses()["agent a"] == "fail"
    looks.write({"agent": "a", "template_fallback": False, "time": (NOW - timedelta(hours=1)).isoformat()})
    assert looks.statuses()["agent a"] == "fail"
    looks.write({"agent": "a", "template_fallback": False, "time": at - 98.5})
    assert looks.look()["agent a"].facts["fallbacks_in_a_row"] == 3


def test_while_a_backlog_is_read_nothing_new_is_said_and_what_failed_still_fails(tmp_path: Path) -> None:
    looks = Looks(tmp_path, read_at_most=100_000)
    looks.results("a", *[True] * 5)
    assert looks.statuses()["agent a"] == "fail"
    looks.results("b", *[True] * 10, pad="x" * 200_000)
    found = looks.look()
    assert {target: str(verdict.status) for target, verdict in found.items()} == {
        "all agents": "skipped",
        "agent a": "fail",
    }
    assert "are still to be read" in found["all agents"].message
    looks.now += timedelta(hours=1)
    assert looks.statuses()["all agents"] == "unknown"
    while (looked := looks.statuses()).get("agent b") != "fail":
        assert looked["agent a"] == "fail"


def test_broken_lines_are_counted_with_the_place_of_the_first(looks: Looks) -> None:
    looks.results("a", *[False] * 5)
    looks.write("{broken", "[]")
    said = looks.look()["all agents"].message
    assert "2 lines not understood (" in said
    assert "no JSON)" in said


def test_an_agent_that_is_quiet_is_forgotten_unless_it_fails(looks: Looks) -> None:
    looks.results("a", *[True] * 5)
    looks.results("b", *[False] * 5)
    looks.look()
    looks.now += timedelta(days=2)
    assert looks.statuses() == {"all agents": "ok", "agent a": "fail"}


def test_an_agents_name_is_shown_plain_and_what_is_no_name_is_nobodys(looks: Looks) -> None:
    looks.results("x\x1b[2J\n" + "y" * 500, *[False] * 5)
    looks.write({"agent": {"deep": 1}, "template_fallback": False}, {"agent": True}, {"agent": None})
    (target,) = set(looks.look()) - {"all agents"}
    assert target.startswith("agent x ")
    assert target.isprintable()
    assert len(target) < 120


def test_what_to_pause_is_the_agent_or_all() -> None:
    assert task_quality.order(Params(), "agent writer") == Containment("agent:writer")
    assert task_quality.order(Params(), "all agents") == Containment("all")
    assert task_quality.order(Params(), "results log") is None


def test_without_a_log_it_is_skipped(tmp_path: Path) -> None:
    ports = replace(plain_ports(), entries=JsonLogs())
    for params, why in ((Params(), "give it `files`"), (Params(files=(tmp_path / "no",)), "no results log is there")):
        with pytest.raises(SourceAbsent, match=why):
            task_quality.probe(ports, params, None, {})
