"""Cost logs: what a line costs, and the verdict about the budget. Rates and forecasts: tests/decide."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guardian.checks.base import Judgement
from guardian.checks.budget_burn_rate import STEPS, TARGET, Params, Sample, judge, order, probe
from guardian.checks.shared.costs import Costs, Fields, Price, costs, money
from guardian.decide.ledger import Spent
from guardian.errors import SourceAbsent
from guardian.logs.tail import LogTail
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Containment, Entries, LogEntry, NeverActed, Ports, Tokens

NOW = datetime(2026, 11, 11, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DOCS = Path(__file__).parents[2] / "docs/checks/budget_burn_rate.md"
PARAMS = Params(files=("/c/*.jsonl",), budget=720)  # type: ignore[arg-type]


@dataclass
class Listed:
    """Two cents for a token of `known`, at any time."""

    def cost(self, model: str, tokens: Tokens, at: datetime) -> Decimal | None:
        return Decimal("0.02") * (tokens.input + tokens.output) if model == "known" else None


def read(*lines: Mapping[str, Any] | None, own: Mapping[str, Price] = {}, fields: Fields = Fields()) -> Costs:  # noqa: B008
    entries = [LogEntry(f"c.jsonl:{number}", line, None if line else "no JSON") for number, line in enumerate(lines)]
    return costs(entries, fields, own, Listed(), NOW)


def one(**line: Any) -> Spent:
    (found,) = read({"time": NOW.timestamp(), **line}).spent
    return found


# What a line costs


@pytest.mark.parametrize(
    ("given", "cost"),
    [
        (0.1, "0.1"),
        ("0.10", "0.10"),
        (3, "3"),
        (0, "0"),
        (1e-9, "1E-9"),
    ],
)
def test_a_cost_is_taken_exactly_as_it_is_written(given: object, cost: str) -> None:
    assert one(cost=given).cost == Decimal(cost)


@pytest.mark.parametrize("given", [True, None, "", "free", -1, "-0.1", float("nan"), float("inf"), 1e12, [], {}])
def test_what_is_no_amount_is_none(given: object) -> None:
    assert money(given) is None


def test_without_a_cost_the_tokens_are_priced() -> None:
    assert one(model="known", input_tokens=10, output_tokens=5).cost == Decimal("0.3")


def test_prices_of_ones_own_go_first() -> None:
    own = {"known": Price(input=1, output=2, cached="0.5")}  # type: ignore[arg-type]
    line = {"time": NOW.timestamp(), "model": "known", "input_tokens": 1000, "output_tokens": 10, "cached_tokens": 400}
    (found,) = read(line, own=own).spent
    assert found.cost == Decimal(600 + 200 + 20) / 1_000_000


def test_a_model_without_a_price_is_unknown_spend() -> None:
    found = read(*[{"time": NOW.timestamp(), "model": "mine", "input_tokens": 1}] * 3)
    assert (found.spent, dict(found.unpriced), found.odd) == ([], {"mine": 3}, 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (None, "no JSON"),
        ({}, "no time"),
        ({"time": "soon", "cost": 1}, "no time"),
        ({"time": NOW.timestamp() + 7200, "cost": 1}, "its time is to come"),
        ({"time": NOW.timestamp()}, "neither a cost nor a model"),
        ({"time": NOW.timestamp(), "cost": "much"}, "neither a cost nor a model"),
        ({"time": NOW.timestamp(), "model": "known"}, "neither a cost nor a model"),
        ({"time": NOW.timestamp(), "model": 7, "input_tokens": 1}, "neither a cost nor a model"),
    ],
)
def test_a_line_that_is_not_understood_is_counted_with_its_place(line: Mapping[str, Any] | None, why: str) -> None:
    found = read({"time": NOW.timestamp(), "cost": 1}, line)
    assert (len(found.spent), found.odd) == (1, 1)
    assert found.example.startswith("c.jsonl:1: ")
    assert why in found.example


@pytest.mark.parametrize(
    "time", [NOW.timestamp(), NOW.timestamp() * 1000, "2026-11-11T13:00:00+01:00", "2026-11-11 12:00"]
)
def test_times_are_understood_in_their_usual_forms(time: object) -> None:
    assert read({"time": time, "cost": 1}).spent[0].at == NOW


def test_fields_may_be_called_otherwise_and_be_within_others() -> None:
    fields = Fields(time="ts", input="usage.in", output="usage.out", agent="who.name")
    line = {"ts": NOW.timestamp(), "model": "known", "usage": {"in": 3, "out": 4}, "who": {"name": "writer"}}
    (found,) = read(line, fields=fields).spent
    assert (found.cost, found.names["agent"]) == (Decimal("0.14"), "writer")


# The verdict


def judged(spent: Sequence[Spent], memory: Memory | None = None, now: datetime = NOW, **more: Any) -> Judgement:
    costs = Costs(list(spent), more.pop("unpriced", Costs().unpriced), more.pop("odd", 0), more.pop("example", ""))
    return judge(Sample(costs, {"at": 1}, **more), PARAMS, memory or {}, now)


def verdict(judgement: Judgement) -> Verdict:
    found = {each.target: each for each in judgement.verdicts}
    assert list(found) == [*STEPS] or list(found) == [TARGET]
    return found[TARGET]


def failing(judgement: Judgement) -> list[float]:
    """The shares of the steps that are reached."""
    return [STEPS[each.target] for each in judgement.verdicts if each.status is Status.FAIL]


def hourly(cost: str, days: int = 10) -> list[Spent]:
    return [Spent(NOW - HOUR * back, Decimal(cost), {"agent": "writer"}) for back in range(days * 24, -1, -1)]


def test_within_the_budget_is_ok_with_how_it_stands() -> None:
    found = verdict(judged(hourly("0.5")))
    assert found.status is Status.OK
    assert found.message == "120.50 of 720.00 USD spent, forecast 354.50"


def test_a_forecast_above_the_budget_fails_as_a_warning() -> None:
    found = verdict(judged(hourly("1.3")))
    assert (found.status, found.severity) == (Status.FAIL, Severity.WARNING)
    assert found.message.startswith("steady burn") or "the month will cost" in found.message
    assert found.facts["share"] == 0.5


@pytest.mark.parametrize(
    ("spent", "shares"),
    [
        (hourly("0.5"), []),
        (hourly("1.3"), [0.5]),
        ([*hourly("0.5"), Spent(NOW, Decimal(120))], [0.5, 0.25]),
        ([Spent(NOW - DAY, Decimal(720))], [0.5, 0.25, 0.0]),
    ],
)
def test_each_step_that_is_reached_fails_and_throttles_to_its_share(spent: list[Spent], shares: list[float]) -> None:
    judgement = judged(spent)
    assert failing(judgement) == shares
    for each in judgement.verdicts:
        assert order(PARAMS, each.target) == Containment(share=STEPS[each.target])


def test_a_runaway_burn_is_critical() -> None:
    burst = [Spent(NOW - timedelta(seconds=seconds), Decimal(5)) for seconds in range(0, 240, 10)]
    found = verdict(judged([*hourly("0.5"), *burst]))
    assert (found.status, found.severity) == (Status.FAIL, Severity.CRITICAL)
    assert found.message.startswith("runaway burn, ")
    assert found.facts["share"] == 0.25


def test_a_budget_that_is_used_up_is_critical_and_leaves_nothing() -> None:
    found = verdict(judged([Spent(NOW - DAY, Decimal(720))]))
    assert (found.status, found.severity, found.facts["share"]) == (Status.FAIL, Severity.CRITICAL, 0.0)
    assert found.message.startswith("the budget is used up")


def test_the_top_spenders_are_in_the_facts() -> None:
    spent = [Spent(NOW, Decimal(number), {"agent": f"a{number}", "model": "m"}) for number in range(1, 6)]
    facts = verdict(judged(spent)).facts
    assert facts["top"] == {
        "agent": {"a5": "5.00", "a4": "4.00", "a3": "3.00"},
        "model": {"m": "15.00"},
        "key": {"(not said)": "15.00"},
    }


def test_unknown_spend_is_said_at_every_look() -> None:
    first = judge(Sample(read({"time": NOW.timestamp(), "model": "mine", "input_tokens": 1}), None), PARAMS, {}, NOW)
    later = judged([], first.memory)
    for judgement in (first, later):
        assert "unknown spend: no price for mine (1 lines)" in verdict(judgement).message


def test_lines_count_once_and_the_place_is_kept_with_the_sums() -> None:
    first = judged(hourly("0.5"))
    memory = json.loads(json.dumps(first.memory))
    assert memory["cursor"] == {"at": 1}
    assert verdict(judged([], memory)).message == verdict(first).message
    assert verdict(judged([Spent(NOW, Decimal(1))], memory)).message.startswith("121.50 of")


def test_a_log_that_is_new_is_read_before_it_is_judged_but_not_for_ever() -> None:
    first = judged([Spent(NOW, Decimal(10_000))], behind_bytes=5_000_000)
    assert (verdict(first).status, verdict(first).message) == (
        Status.SKIPPED,
        "5MB of the cost logs are still to be read",
    )
    later = judged([], first.memory, NOW + timedelta(minutes=11), behind_bytes=5_000_000)
    assert verdict(later).status is Status.UNKNOWN
    assert verdict(judged([], later.memory)).status is Status.FAIL


def test_a_log_that_cannot_be_read_is_unknown() -> None:
    assert verdict(judged([], troubles=["c.jsonl: Permission denied"])).status is Status.UNKNOWN


@pytest.mark.parametrize("params", [Params(), Params(files=("/c",)), Params(budget=1)])  # type: ignore[arg-type]
def test_without_logs_or_a_budget_there_is_nothing_to_look_at(params: Params) -> None:
    with pytest.raises(SourceAbsent):
        probe(Ports("n", [], NeverActed(), LogTail()), params, None, {})


def test_the_probe_goes_on_where_the_last_one_stopped() -> None:
    class Reader:
        def read(self, patterns: Sequence[str], cursor: JSON, limit_bytes: int) -> Entries:
            assert (list(patterns), cursor, limit_bytes) == (["/c/*.jsonl"], "here", 4_000_000)
            return Entries([LogEntry("c:1", {"time": 1e9, "cost": 2})], "there")

    sample = probe(Ports("n", [], NeverActed(), LogTail(), entries=Reader()), PARAMS, None, {"cursor": "here"})
    assert (sample.cursor, sample.costs.spent[0].cost) == ("there", 2)


@pytest.mark.parametrize(
    "wrong",
    [{"budget": "much"}, {"budget": -1}, {"zone": "Mars"}, {"read_at_most": "1kB"}, {"prices": {"m": {"input": "x"}}}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Params(**wrong)


def test_the_page_names_every_key() -> None:
    page = DOCS.read_text()
    assert [key for key in [*Params.model_fields, *Fields.model_fields] if f"| `{key}` |" not in page] == []
