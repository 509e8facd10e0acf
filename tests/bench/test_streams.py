"""The statistics at their defaults on made-up streams: at most one false alarm in 30 days, and what matters is said."""

from dataclasses import replace

import pytest

from bench.simulated import CREWS, QUEUES, Crew, Queue, drop_after, good_month, queue_run
from bench.streams import MARK, PAGE, settings

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize("queue", QUEUES, ids=[queue.title for queue in QUEUES])
def test_a_queue_gives_at_most_one_false_alarm_in_30_days_and_is_seen_to_stand_still(queue: Queue) -> None:
    run = queue_run(queue, seed=7, every=120)
    assert run.alarms <= 1
    assert run.delay is not None
    assert run.delay <= (HOUR if queue.comes > 1 else 24 * HOUR)


@pytest.mark.parametrize("crew", CREWS, ids=[crew.title for crew in CREWS])
def test_results_give_at_most_one_false_alarm_in_30_days_and_a_drop_is_seen(crew: Crew) -> None:
    few = replace(crew, each_hour=min(crew.each_hour, 2))
    month = good_month(few, seed=7)
    assert month.alarms <= 1
    drop = drop_after(few, month, 7, 0.4, "agent 0")
    assert drop.right
    assert drop.delay is not None
    assert drop.delay <= 200


def test_the_tables_were_made_with_the_settings_that_hold() -> None:
    """Else: python -m bench.streams"""
    _, table, _ = PAGE.read_text(encoding="utf-8").split(MARK)
    assert table.strip().startswith("\n".join(settings()))
