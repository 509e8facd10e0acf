"""What a bench's history holds, beside what its Redis says."""

from collections import Counter
from typing import Any

from sqlalchemy import Table, select

from guardian import services
from guardian.errors import HistoryError
from guardian.history.tables import HEALS, INCIDENTS, STEPS
from tests.faults.teststand import Bench
from tests.real_pm2 import wait_for

_STORY_LENGTH = 200


def rows(bench: Bench, table: Table) -> list[Any]:
    """Raises HistoryError."""
    database = services.open_history(bench.config, bench.folder / "state").database
    with database._reading() as connection:
        return list(connection.execute(select(table)).all())


def wait_whole(bench: Bench, seconds: float = 90) -> None:
    """Every step of every incident is in it, once."""
    found: list[str] = []

    def is_whole() -> bool:
        found[:] = [differences(bench)]
        return found == [""]

    try:
        wait_for("the history has everything", is_whole, seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{found}") from None


def differences(bench: Bench) -> str:
    """Between the stories that Redis has and the history; empty when there are none. Of a long story Redis has only
    the end."""
    try:
        steps, incidents = rows(bench, STEPS), {row.id: row for row in rows(bench, INCIDENTS)}
    except HistoryError as error:
        return str(error)
    found = []
    for each in bench.incidents():
        story = bench.store.story(each.id)
        told = Counter((step.at, step.kind, step.text) for step in story)
        kept = Counter((row.at, row.kind, row.text) for row in steps if row.incident == each.id)
        kept = Counter({key: count for key, count in kept.items() if key[1] != "delivery failed"})
        too_many = kept - told if len(story) < _STORY_LENGTH else Counter()
        if told - kept or too_many or incidents[each.id].state != each.state:
            found.append(f"{each.id} {each.key}: lost {told - kept}, too many {too_many}")
    return "\n".join(found)


def heals(bench: Bench) -> Counter[tuple[str, str]]:
    """How often each target was healed, and with what outcome."""
    return Counter((row.target, row.outcome) for row in rows(bench, HEALS))
