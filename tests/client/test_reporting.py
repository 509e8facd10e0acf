"""Results and costs as JSON lines, whole ones, whoever writes at the same time."""

import json
import multiprocessing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guardian import client


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_result_is_a_line_with_what_was_given(tmp_path: Path) -> None:
    log = tmp_path / "results.jsonl"
    assert client.report_result("writer", ok=False, task="t1", kind="report", attempt=2, log=log, template="fallback")
    assert client.report_result("writer", log=log)
    first, second = lines(log)
    at = datetime.fromisoformat(first.pop("time"))
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert first == {
        "agent": "writer", "ok": False, "task": "t1", "kind": "report", "attempt": 2, "template": "fallback",
    }  # fmt: skip
    assert second.keys() == {"time", "agent"}


def test_a_cost_is_exact_and_tokens_are_numbers(tmp_path: Path) -> None:
    log = tmp_path / "costs.jsonl"
    assert client.report_cost("m", cost=Decimal("0.1000000000000000000001"), agent="writer", log=log)
    assert client.report_cost("m", input_tokens=10, output_tokens=0, cached_tokens=4, key="main", log=log)
    first, second = lines(log)
    assert (first["cost"], first["agent"]) == ("0.1000000000000000000001", "writer")
    assert {name: second[name] for name in second if name != "time"} == {
        "model": "m", "input_tokens": 10, "output_tokens": 0, "cached_tokens": 4, "key": "main",
    }  # fmt: skip


@pytest.mark.parametrize("cost", [-1, "much", float("nan"), float("inf"), ""])
def test_what_is_no_amount_is_not_written(tmp_path: Path, cost: Any) -> None:
    assert not client.report_cost("m", cost=cost, log=tmp_path / "costs.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("cost", "text"), [(0, "0"), (0.1, "0.1"), ("1e-7", "0.0000001"), (Decimal("2.50"), "2.50")])
def test_an_amount_is_written_in_full(tmp_path: Path, cost: Any, text: str) -> None:
    assert client.report_cost("m", cost=cost, log=tmp_path / "costs.jsonl")
    assert lines(tmp_path / "costs.jsonl")[0]["cost"] == text


def test_the_place_is_the_calls_else_the_environments_else_the_state_directorys(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.report_result("a", state=state)
    assert client.report_cost("m", cost=1, state=state)
    assert {path.name for path in state.iterdir()} == {"results.jsonl", "costs.jsonl"}
    monkeypatch.setenv("GUARDIAN_RESULTS_LOG", str(tmp_path / "r"))
    monkeypatch.setenv("GUARDIAN_COSTS_LOG", str(tmp_path / "c"))
    assert client.report_result("a", state=state)
    assert client.report_cost("m", cost=1, state=state)
    assert len(lines(tmp_path / "r")) == len(lines(tmp_path / "c")) == 1
    assert client.report_result("a", log=tmp_path / "own", state=state)
    assert len(lines(tmp_path / "own")) == 1


def test_a_place_that_cannot_be_written_raises_nothing(tmp_path: Path) -> None:
    assert not client.report_result("a", log=tmp_path / "none" / "results.jsonl")
    assert not client.report_cost("m", cost=1, log=tmp_path)


def test_whatever_is_in_a_field_it_is_one_line(tmp_path: Path) -> None:
    log = tmp_path / "results.jsonl"
    assert client.report_result("a\nb", log=log, text="x\r\n\u2028\ud800", when=datetime.now(UTC), path=Path("/x"))
    [line] = lines(log)
    assert (line["agent"], line["path"]) == ("a\nb", "/x")


def _write(log: Path, agent: str) -> None:
    for number in range(300):
        assert client.report_result(agent, log=log, number=number, text="x" * 5000)


def test_lines_of_several_processes_are_whole_and_all_there(tmp_path: Path) -> None:
    log = tmp_path / "results.jsonl"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(log, f"a{number}")) for number in range(4)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
    found = [(line["agent"], line["number"]) for line in lines(log)]
    assert sorted(found) == [(f"a{agent}", number) for agent in range(4) for number in range(300)]
