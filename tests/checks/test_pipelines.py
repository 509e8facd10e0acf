"""The checks of the users' pipelines: what the engine's tests do not show."""

import json
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.checks import pipeline_stall, stuck_tasks
from guardian.checks.base import Check
from guardian.checks.shared.pipelines import Sample
from guardian.model import Status
from guardian.ports import DamagedTask, PipelineTask, TaskReading, TaskState
from guardian.settings import duration_text
from tests.checks.contract import NOW

DOCS = Path(__file__).parents[2] / "docs/checks"


def doing(id_: str, minutes: float = 60, **more: object) -> PipelineTask:
    since = NOW - timedelta(minutes=minutes)
    return PipelineTask(id_, TaskState.DOING, "v", state_since=since, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stalled", "young", "notice"), [(2, 0, False), (3, 0, True), (3, 4, False), (5, 6, False), (6, 94, True)]
)
def test_over_five_or_half_of_them_are_many(stalled: int, young: int, notice: bool) -> None:
    tasks = [*(doing(str(number)) for number in range(stalled)), *(doing(f"y{number}", 1) for number in range(young))]
    judgement = pipeline_stall.judge(Sample([TaskReading("main", tasks)], {}), pipeline_stall.Params(), {}, NOW)
    assert [each.notice for each in judgement.verdicts if each.target == "main"] == [notice]
    assert sum(each.status is Status.FAIL for each in judgement.verdicts) == stalled + notice


@pytest.mark.parametrize("check", [pipeline_stall.CHECK, stuck_tasks.CHECK], ids=["stall", "stuck"])
def test_what_is_said_and_remembered_of_a_huge_mess_is_bounded(check: Check) -> None:
    tasks = [
        doing(f"{number:05}" + "x" * 290, worker="w" * 300, source="s" * 300, subject=f"{number // 2}" + "y" * 290,
              created_at=NOW - timedelta(hours=1), kind="k", doubt="why" if number % 3 == 0 else None)
        for number in range(10_000)
    ]  # fmt: skip
    damaged = [DamagedTask(f"{number}" + "z" * 290, "is no JSON", NOW, movable=True) for number in range(10_000)]
    reading = TaskReading("main", tasks, damaged, cap=6, limits={"k": timedelta(minutes=1)})
    memory: dict[str, object] = {}
    for look in range(2):
        judgement = check.judge(Sample([reading], {}), check.params(), memory, NOW + timedelta(minutes=look))
        memory = dict(judgement.memory)
        assert len(json.dumps(memory)) < 1_000_000
        assert len(judgement.verdicts) < 1000
        assert len({each.target for each in judgement.verdicts}) == len(judgement.verdicts)


def test_ten_thousand_open_tasks_are_judged_in_time() -> None:
    """Beside the same number of JSON objects being read, as a floor that this machine has at this moment."""
    tasks = [doing(str(number), number % 60, source="a", kind="k", subject=str(number)) for number in range(10_000)]
    sample = Sample([TaskReading("main", tasks, cap=6)], {})
    line = json.dumps({"id": "a", "state": "doing", "worker": "w", "started_at": 1.0, "notes": "x" * 200})
    floor, took = [], []
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(10_000):
            json.loads(line)
        floor.append(time.perf_counter() - began)
        began = time.perf_counter()
        pipeline_stall.judge(sample, pipeline_stall.Params(), {}, NOW)
        took.append(time.perf_counter() - began)
    assert min(took) < 40 * min(floor)


def test_a_store_that_was_never_there_is_skipped_and_one_that_was_is_unknown() -> None:
    gone = TaskReading("main", error="it is not there", absent=True)
    for check in (pipeline_stall.CHECK, stuck_tasks.CHECK):
        first = check.judge(Sample([gone], {}), check.params(), {}, NOW)
        assert (list(first.verdicts), first.nothing) == ([], "it is not there")
        there = check.judge(Sample([TaskReading("main")], {}), check.params(), {}, NOW)
        after = check.judge(Sample([gone], {}), check.params(), there.memory, NOW)
        assert [(each.target, each.status) for each in after.verdicts] == [("main", Status.UNKNOWN)]


@pytest.mark.parametrize("name", ["pipeline_stall", "stuck_tasks"])
def test_its_page_has_every_parameter_with_its_default(name: str) -> None:
    params = {"pipeline_stall": pipeline_stall.Params, "stuck_tasks": stuck_tasks.Params}[name]
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", (DOCS / f"{name}.md").read_text(), re.MULTILINE))
    assert rows == {
        key: duration_text(info.default) if isinstance(info.default, timedelta) else json.dumps(info.default)
        for key, info in params.model_fields.items()
    }
