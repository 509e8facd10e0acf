from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from guardian.pipelines.shared.fields import Names, changed, moment, task_of
from guardian.ports import PipelineTask, TaskChange, TaskState

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=1)


def read(**data: Any) -> PipelineTask:
    task = task_of({"id": "a", "state": "doing", **data}, "v", Names(), NOW)
    assert task is not None
    return task


@pytest.mark.parametrize(
    "written",
    [
        EARLIER.timestamp(),
        int(EARLIER.timestamp() * 1000),
        "2026-05-04T11:00:00Z",
        "2026-05-04T13:00:00+02:00",
        "2026-05-04 11:00:00",
        " 20260504T110000 ",
        EARLIER,
        EARLIER.replace(tzinfo=None),
        EARLIER.astimezone(timezone(timedelta(hours=5))),
    ],
)
def test_a_time_is_read_as_seconds_milliseconds_or_iso_and_one_without_a_zone_is_utc(written: object) -> None:
    task = read(started_at=written)
    assert (task.state_since, task.doubt) == (EARLIER, None)


@pytest.mark.parametrize(
    "written",
    [
        -5, 0, 1e30, -1e400, float("nan"), True, "soon", "1777892400", [], {}, 10**400, "2026-13-01T00:00:00",
        (NOW + timedelta(minutes=6)).timestamp(), "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00",
    ],
)  # fmt: skip
def test_what_is_no_time_or_cannot_be_one_makes_a_task_one_to_doubt(written: object) -> None:
    task = read(started_at=written)
    assert task.state_since is None
    assert task.doubt is not None
    assert task.doubt.startswith("`started_at` is ")


@pytest.mark.parametrize("written", ["2", -1, 1.5, True, [], float("inf"), float("nan")])
def test_a_count_that_is_none_makes_a_task_one_to_doubt(written: object) -> None:
    assert read(retry_count=written).doubt == "`retry_count` is no whole number of 0 or more"


def test_a_count_may_be_written_as_a_whole_fraction() -> None:
    assert (read(retry_count=2.0).retries, read(retry_count=2.0).doubt) == (2, None)


@pytest.mark.parametrize(("written", "state"), [("In_Progress", "doing"), ("TODO", "assigned"), ("mine", "other")])
def test_a_state_is_known_by_any_of_its_names(written: str, state: str) -> None:
    assert read(state=written).state == state


def test_a_state_that_is_no_text_is_doubted() -> None:
    assert (read(state=3).state, read(state=3).doubt) == (TaskState.OTHER, "`state` is no text")


@pytest.mark.parametrize("id_", [None, "", True, [], 1.5])
def test_a_task_without_an_id_is_none(id_: object) -> None:
    assert task_of({"id": id_, "state": "doing"}, "v", Names(), NOW) is None


@pytest.mark.parametrize(
    ("sample", "written"),
    [
        (1777892400, 1777896000),
        (1777892400.5, 1777896000.0),
        (1777892400000, 1777896000000),
        ("2026-05-04T11:00:00", "2026-05-04T12:00:00+00:00"),
        (EARLIER.replace(tzinfo=None), NOW.replace(tzinfo=None)),
    ],
)
def test_a_change_writes_times_as_the_task_has_them(sample: object, written: object) -> None:
    change = TaskChange(TaskState.ASSIGNED, None, 1, 2, not_before=NOW, failed_workers=["w"])
    assert changed({"worker": "w", "created_at": sample, "started_at": sample}, change, Names()) == {
        "state": "assigned", "worker": None, "retry_count": 1, "attempt": 2, "not_before": written,
        "failed_workers": ["w"], "started_at": None,
    }  # fmt: skip


def test_a_field_that_a_store_does_not_have_is_not_written() -> None:
    names = Names(fields={"id": "id", "state": "status", "worker": "", "retries": "", "attempt": "tries"})
    change = TaskChange(TaskState.FAILED, None, 3, 4)
    assert changed({"status": "doing"}, change, names) == {"status": "failed", "tries": 4}


def test_moment_takes_what_is_no_time_for_none() -> None:
    assert moment(object()) is None
