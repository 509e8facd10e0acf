"""Guardian's past in SQL: a database that cannot be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from guardian.diagnose.plain import brief
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.errors import HistoryError
from guardian.model import Severity
from guardian.services import open_history


@dataclass(frozen=True)
class Facts:
    """Why it cannot be read."""

    trouble: str | None


def gather(installation: Installation) -> Facts | None:
    if installation.faults:
        return None
    now = installation.around.now()
    try:
        open_history(installation.config, installation.state).read(now - timedelta(seconds=1), now)
    except HistoryError as error:
        return Facts(str(error))
    return Facts(None)


def _away(facts: Facts) -> Iterable[Hit]:
    if facts.trouble is not None:
        yield Hit(f"the history: {brief(facts.trouble, 200)}", "start the database, or correct [history] url")


AREA = Area(
    "history",
    gather,
    (
        Rule("history_away", Severity.HIGH, "the database of the history cannot be read",
             "what happens waits in Redis, and the oldest is lost when too much of it waits", _away),
    ),
)  # fmt: skip
