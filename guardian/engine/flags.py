"""The control flags' upkeep: those that are over are taken away, and a JSON file on each node says which stand.

The file is written by whoever changed a flag on its node, and by the sweep and the summary. What was read is compared
with what stands after the writing, so that of two writers the later state is the last.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from guardian.engine.engine import Engine
from guardian.engine.overview import flag_document, write_summary
from guardian.engine.patrol import report
from guardian.model import JSON
from guardian.ports import Clock, Flag, Flags

SCHEMA_VERSION = 1
MIRROR = "flags file"
"""The target under which Guardian reports that it cannot write it."""

_STALE_INTERVALS = 3
_TRIES = 3
"""Whatever changes more often than that is caught up with by the next sweep."""


def keep(engine: Engine) -> None:
    """Tidy up and have the file tell what is so; what hinders that becomes an incident."""
    engine.store.flags.tidy()
    report(engine, MIRROR, refresh(engine))


def refresh(engine: Engine) -> str | None:
    """The file of this node, where it has one; gives what hinders it."""
    if engine.flags_file is None:
        return None
    return mirror(engine.ports.flags, engine.flags_file, engine.store.clock, engine.config.summary.every)


def mirror(flags: Flags, file: Path, clock: Clock, every: timedelta) -> str | None:
    """Write the file unless it says the same and is young. Gives why it cannot be written."""
    standing = flags.standing()
    if _tells(file, standing, clock.now() - every / 2):
        return None
    for _ in range(_TRIES):
        try:
            write_summary(file, as_json(standing, clock.now(), every))
        except OSError as error:
            return f"{file} cannot be written: {error.strerror or error}"
        after = flags.standing()
        if after == standing:
            break
        standing = after
    return None


def _tells(file: Path, standing: Sequence[Flag], younger: datetime) -> bool:
    with suppress(OSError, ValueError, TypeError, KeyError):
        held = json.loads(file.read_text(encoding="utf-8"))
        known = held["flags"] == [flag_document(flag) for flag in standing]
        return known and datetime.fromisoformat(held["generated_at"]) > younger
    return False


def as_json(standing: Sequence[Flag], now: datetime, every: timedelta) -> dict[str, JSON]:
    """To be believed until `stale_after`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": now.isoformat(),
        "stale_after": (now + _STALE_INTERVALS * every).isoformat(),
        "flags": [flag_document(flag) for flag in standing],
    }
