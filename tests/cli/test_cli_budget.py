"""`guardian budget`: what the check keeps, in figures that add up, and what is said where it keeps nothing."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guardian.checks import budget_burn_rate
from guardian.checks.budget_burn_rate import Params
from guardian.logs.entries.reader import JsonLogs
from guardian.model import Status
from guardian.ports import Ports
from tests.checks.cases.shared.plain import plain_ports
from tests.cli.running import Program
from tests.store.world import World

CHECK = "budget_burn_rate"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def configured(world: World, folder: Path) -> World:
    world.now = NOW
    with (folder / "guardian.toml").open("a") as file:
        file.write(f'[checks.{CHECK}]\nfiles = ["{folder}/costs.jsonl"]\nbudget = 720\n')
    return world


def spend(world: World, folder: Path, *entries: tuple[timedelta, str, str]) -> None:
    """Before NOW, by whom, how much: read as the check reads it, and kept."""
    lines = [{"time": (NOW - ago).isoformat(), "agent": agent, "cost": cost} for ago, agent, cost in entries]
    (folder / "costs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    params = Params.model_validate({"files": [str(folder / "costs.jsonl")], "budget": 720})
    sample = budget_burn_rate.probe(ports(), params, None, {})
    memory = budget_burn_rate.judge(sample, params, {}, NOW).memory
    world.look(world.seen(Status.OK, "budget", check=CHECK), check=CHECK, memory=memory)


def ports() -> Ports:
    return replace(plain_ports(), entries=JsonLogs(), now=lambda: NOW)


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store's time."""
    monkeypatch.setattr("guardian.store.store.StoreClock.now", lambda _: NOW)


@pytest.mark.usefixtures("at_noon")
def test_the_month_is_told_in_figures_that_add_up(guardian: Program, configured: World, folder: Path) -> None:
    days = [(timedelta(days=day, hours=2), "writer" if day % 2 else "reader", "10") for day in range(5)]
    spend(configured, folder, *days, (timedelta(days=30), "old", "99"))
    ran = guardian("budget")
    assert (ran.code, ran.err) == (0, "")
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["today", "10.00", "USD"] in lines
    assert ["this", "month", "50.00", "of", "720.00", "USD,", "7%"] in lines
    assert ["agent", "reader", "30.00", "60%"] in lines
    assert ["agent", "writer", "20.00", "40%"] in lines
    assert max(map(len, ran.out.splitlines())) <= 80
    bars = [line for line in ran.out.splitlines() if line.startswith("11-")]
    assert len(bars) == 14
    assert [line.split()[-1] for line in bars[-6:]] == ["0.00", *["10.00"] * 5]


@pytest.mark.usefixtures("at_noon")
def test_as_json_all_of_it_is_there(guardian: Program, configured: World, folder: Path) -> None:
    spend(configured, folder, *((timedelta(hours=hour), "writer", "0.905") for hour in range(200)))
    found = json.loads(guardian("budget", "--json").out)
    assert found["budget"] == "720.00"
    assert found["spent"] == "181.00"
    assert found["today"] == "11.76"
    assert found["days"]["2026-11-24"] == "11.76"
    assert sum(map(float, found["days"].values())) == pytest.approx(181, abs=0.05)
    assert found["forecast"] == found["forecast_by_rhythm"]  # the same at any hour
    assert found["top"]["agent"] == {"writer": "181.00"}
    assert [tier["tier"] for tier in found["tiers"]] == ["runaway", "fast", "steep", "steady"]
    assert found["share"] == 1


@pytest.mark.usefixtures("at_noon")
def test_a_runaway_is_exit_code_1_with_its_tier_and_the_throttle(
    guardian: Program, configured: World, folder: Path
) -> None:
    spend(configured, folder, *((timedelta(seconds=second), "writer", "0.5") for second in range(100)))
    guardian("throttle", "0.25", "--by", "ann")
    ran = guardian("budget")
    assert ran.code == 1
    (runaway,) = (line for line in ran.out.splitlines() if line.startswith("runaway"))
    assert runaway.endswith("fail")
    assert "pace        0.25 of the usual one is left" in ran.out
    assert "all is throttled to 0.25" in ran.out
    assert next(tier for tier in json.loads(guardian("budget", "--json").out)["tiers"])["crossed"]


def test_unpriced_models_are_unknown_spend_and_said(guardian: Program, configured: World, folder: Path) -> None:
    (folder / "costs.jsonl").write_text("")
    params = Params.model_validate({"files": [str(folder / "costs.jsonl")], "budget": 720})
    line = {"time": NOW.isoformat(), "model": "nobody-knows-it", "input_tokens": 5, "output_tokens": 5}
    (folder / "costs.jsonl").write_text(json.dumps(line) + "\n")
    memory = budget_burn_rate.judge(budget_burn_rate.probe(ports(), params, None, {}), params, {}, NOW).memory
    configured.look(configured.seen(Status.OK, "budget", check=CHECK), check=CHECK, memory=memory)
    assert "unknown spend: 1 lines of nobody-knows-it, which has no price" in guardian("budget").out


def test_where_nothing_is_known_it_says_why(guardian: Program, world: World, folder: Path) -> None:
    ran = guardian("budget")
    assert (ran.code, "the check is off" in ran.err) == (3, True)
    with (folder / "guardian.toml").open("a") as file:
        file.write(f'[checks.{CHECK}]\nfiles = ["{folder}/costs.jsonl"]\nbudget = 720\n')
    ran = guardian("budget", "--json")
    assert (ran.code, "has read no costs" in ran.err, ran.out) == (3, True, "")
