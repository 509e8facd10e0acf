"""Validation results, read and judged: who dropped, by how many results, and what there is to review."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.checks.ai_validation import CHECK, Params, judge, probe
from guardian.checks.base import Judgement
from guardian.errors import SourceAbsent
from guardian.logs.tail import LogTail
from guardian.model import Memory, Severity, Status, Verdict
from guardian.ports import Entries, LogEntry, NeverActed, Ports
from guardian.settings import duration_text

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs/checks/ai_validation.md"
PARAMS = Params(files=(Path("/logs/v.jsonl"),))
NUMBERS = itertools.count()


def line(passed: object, agent: object = "alice", validator: object = "lint", **more: Any) -> LogEntry:
    data = {"passed": passed, "agent": agent, "validator": validator, "id": f"s{next(NUMBERS)}", **more}
    return LogEntry("v.jsonl:0", data)


def crew(count: int, bad: str = "", share: int = 20) -> Iterator[LogEntry]:
    """Three agents and two validators; one in twenty fails, and of the bad one's one in `share` passes."""
    for number in range(count):
        agent, validator = f"a{number % 3}", f"v{number // 3 % 2}"
        dropped = bad in (agent, validator, "all")
        yield line(number // 6 % share == 0 if dropped else number % 20 != 0, agent, validator)


def look(lines: Sequence[LogEntry], memory: Memory | None = None, params: Params = PARAMS, **more: Any) -> Judgement:
    return judge(Entries(lines, 0, **more), params, memory or {}, NOW)


def by_target(judgement: Judgement) -> Mapping[str, Verdict]:
    return {verdict.target: verdict for verdict in judgement.verdicts}


WELL = look(list(crew(3000))).memory


def test_too_few_results_are_unknown_and_no_incident() -> None:
    (found,) = look([line(False, None, None)] * 49).verdicts
    assert (found.target, found.status, found.early) == ("all", Status.UNKNOWN, True)
    assert found.message == "49 results, 50 are needed"


def test_when_there_are_enough_each_is_judged_by_name() -> None:
    found = by_target(look([], WELL))
    assert found.keys() == {"all", "agent a0", "agent a1", "agent a2", "validator v0", "validator v1"}
    assert {verdict.status for verdict in found.values()} == {Status.OK}
    assert found["agent a1"].message.endswith("usual 95.0% of 1000")


@pytest.mark.parametrize(
    ("bad", "target", "severity"),
    [("a1", "agent a1", Severity.HIGH), ("v0", "validator v0", Severity.HIGH), ("all", "all", Severity.CRITICAL)],
)
def test_who_dropped_is_named(bad: str, target: str, severity: Severity) -> None:
    judgement = look(list(crew(240, bad, share=4)), WELL)
    failing = {each.target: each for each in judgement.verdicts if each.status is Status.FAIL}
    assert failing.keys() == {target}
    assert failing[target].severity is severity


def test_it_is_over_when_results_are_good_again() -> None:
    dropped = look(list(crew(240, "a1", share=4)), WELL)
    assert by_target(dropped)["agent a1"].status is Status.FAIL
    again = look(list(crew(300)), dropped.memory)
    assert {verdict.status for verdict in again.verdicts} == {Status.OK}


def test_without_new_results_a_drop_stays() -> None:
    dropped = look(list(crew(240, "a1", share=4)), WELL)
    assert by_target(look([], dropped.memory))["agent a1"].status is Status.FAIL


def test_the_worst_samples_are_the_failed_ones_of_who_dropped_with_the_least_score() -> None:
    lines = list(crew(240, "a1", share=4))
    scored = [line(False, "a1", "v0", id=f"bad{n}", score=n / 100) for n in range(20, 0, -1)]
    facts = by_target(look([*lines, *scored, line(False, "a2", id="other", score=0)], WELL))["agent a1"].facts
    assert facts["worst_samples"] == [f"bad{n}" for n in range(1, 11)]
    assert facts["pass_rate_usual"] == 0.95


def test_a_sample_without_an_id_is_known_by_its_place() -> None:
    lines = [LogEntry(f"v.jsonl:{n}", {"passed": False, "agent": "a1", "validator": "v0"}) for n in range(100)]
    facts = by_target(look(lines, WELL))["agent a1"].facts
    assert facts["worst_samples"] == [f"v.jsonl:{n}" for n in range(99, 89, -1)]


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        (True, 1),
        ("PASS", 1),
        ("ok", 1),
        (False, 0),
        ("Failed", 0),
        (1, None),
        ("maybe", None),
        (None, None),
        ([], None),
    ],
)
def test_only_values_that_mean_something_are_results(value: object, passed: int | None) -> None:
    crew = look([line(True), line(value)]).memory["crew"]
    recent = crew["streams"]["all"]["recent"]
    assert recent == ("p" if passed is None else "pp" if passed else "pf")


def test_fields_may_lie_deeper_and_have_other_names() -> None:
    given = Params(files=(Path("x"),), passed="result.state", passes=("good",), agent="who.name")
    memory = look([line(None, result={"state": "Good"}, who={"name": "bob"})], params=given).memory
    assert "agent bob" in memory["crew"]["streams"]


@pytest.mark.parametrize("odd", [{}, [], True, None, "", "  ", 1.5, "\x00\x1b[31m"])
def test_names_that_are_none_count_for_all(odd: object) -> None:
    assert look([line(True, odd, odd)]).memory["crew"]["streams"].keys() == {"all"}


def test_a_time_in_the_far_future_is_now() -> None:
    memory = look([line(True, time="9999-01-01T00:00:00Z"), line(True, time=1e300), line(True, time="-5")]).memory
    assert memory["crew"]["streams"]["all"]["seen"] == int(NOW.timestamp())


def test_lines_that_are_no_results_are_told_when_there_is_nothing_else() -> None:
    (found,) = look([LogEntry("v.jsonl:7", None, "cut off"), line("maybe")], WELL).verdicts
    assert (found.target, found.status) == ("/logs/v.jsonl", Status.UNKNOWN)
    assert found.message == "could not look: none of 2 new lines is a result; v.jsonl:7: cut off"


def test_before_there_is_any_file_there_is_nothing_to_look_at() -> None:
    judgement = look([], absent=True)
    assert (judgement.verdicts, judgement.nothing) == ((), "no validation log is there yet")


def test_a_log_that_was_there_and_is_gone_is_unknown() -> None:
    (found,) = look([], WELL, absent=True).verdicts
    assert (found.target, found.status) == ("/logs/v.jsonl", Status.UNKNOWN)


def test_what_could_be_read_is_judged_beside_what_could_not() -> None:
    found = by_target(look([line(True)], WELL, troubles=["3 lines were lost"]))
    assert found["/logs/v.jsonl"].status is Status.UNKNOWN
    assert found["all"].status is Status.OK


def test_who_has_too_few_results_is_counted_and_not_judged() -> None:
    found = by_target(look([line(False, "new", "v0")] * 5, WELL))
    assert "agent new" not in found
    assert found["all"].message.endswith("; 1 more have too few results")


def test_what_is_still_to_be_read_is_said() -> None:
    assert "20MB are still to be read" in by_target(look([], WELL, behind_bytes=20_000_000))["all"].message


def test_a_memory_of_another_version_is_forgotten() -> None:
    (found,) = look([], {"crew": {"streams": {"all": {"other": 1}}}}).verdicts
    assert found.early


def test_without_files_there_is_nothing_to_look_at() -> None:
    with pytest.raises(SourceAbsent):
        probe(Ports("n", [], NeverActed(), LogTail()), Params())


def test_it_goes_on_where_it_stopped_and_its_task_is_a_quality_review() -> None:
    assert CHECK.continues
    assert CHECK.task_kind == "quality_review"
    assert CHECK.remedy is None


def test_the_page_has_every_key_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^|]*)` \|", DOCS.read_text("utf-8"), re.MULTILINE))
    defaults = Params()
    assert rows == {name: shown(getattr(defaults, name)) for name in Params.model_fields}


def shown(value: object) -> str:
    match value:
        case timedelta():
            return duration_text(value)
        case tuple():
            return "[" + ", ".join(f'"{each}"' if isinstance(each, str) else str(each).lower() for each in value) + "]"
    return str(value)
