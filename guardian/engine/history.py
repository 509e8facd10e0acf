"""Feeding the history: from the store's stream to SQL, in slices. What is in SQL is taken off the stream afterwards;
dying in between, the cursor in SQL says where to go on. The history being away costs nobody anything but Redis' memory.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from guardian.engine import readback
from guardian.engine.engine import Engine
from guardian.engine.patrol import report
from guardian.errors import HistoryError
from guardian.history.history import History
from guardian.history.rows import entry_time, rows
from guardian.history.values import Cursor, Gap
from guardian.settings import rough_text
from guardian.store.past import Entry, Standing

HISTORY = "history"
"""The target under which Guardian reports that its history is away, or has a gap."""

_SLICE = 500
_RUN_SHARE = 4
"""A run begins no new slice after this part of a task's time limit."""
_REST = timedelta(seconds=20)
"""After a failed run: a database that is slow to fail does not hold a worker up all the time."""
_IDLE = timedelta(seconds=30)
_SAID_AFTER, _GAP_SAID = timedelta(minutes=5), timedelta(hours=1)
_PRUNE_EVERY, _PRUNE_MOST = timedelta(hours=1), 2000

logger = logging.getLogger(__name__)


def keep_history(engine: Engine) -> str:
    """One run: read back what a lost store held, feed what waits, drop what is too old. Gives what was done."""
    past, standing = engine.store.past, engine.store.past.standing()
    if engine.history is None or standing is None:
        return "nothing to keep yet"
    if not past.take_turn(engine.config.worker.time_limit + timedelta(seconds=1)):
        return "somebody is at it, or it rests"
    _begin(engine, standing)
    try:
        readback.read_back(engine, engine.history, standing)
        engine.store.scans.hand_over()
        count = _feed(engine, engine.history, standing)
        _prune(engine, engine.history, standing)
    except HistoryError as error:
        if not standing.why:
            logger.warning("the history is away: %s", error)
        past.fails(str(error))
        past.end_turn(_REST)
        return f"away: {error}"
    _works(engine, standing)
    past.end_turn()
    return f"{count} entries"


def _feed(engine: Engine, history: History, standing: Standing) -> int:
    """Gives how many entries."""
    past, database = engine.store.past, history.database
    ends, count = time.monotonic() + engine.config.worker.time_limit.total_seconds() / _RUN_SHARE, 0
    cursor = database.cursor(standing.id)
    while True:
        now = engine.store.clock.now()
        entries = past.entries(cursor.entry if cursor else None, _SLICE)
        whole = len(entries) < _SLICE
        if not entries and cursor and cursor.caught_up_at and now - cursor.caught_up_at < _IDLE:
            return count
        after = _after(cursor, entries, now if whole else None)
        gap = _gap(cursor, standing, entries, now)
        if not database.feed(standing.id, cursor, after, rows(standing.id, entries), gap, now):
            return count
        if gap is not None:
            past.missed(_gap_text(gap), now)
        if after.entry is not None:
            past.fed(after.entry, after.number)
        cursor, count = after, count + len(entries)
        if whole or time.monotonic() > ends:
            return count


def _after(cursor: Cursor | None, entries: Sequence[Entry], caught_up: datetime | None) -> Cursor:
    caught_up = caught_up or (cursor.caught_up_at if cursor else None)
    if not entries:
        return Cursor(cursor.entry if cursor else None, cursor.number if cursor else 0, caught_up)
    entry, fields = entries[-1]
    return Cursor(entry, int(fields["n"]), caught_up)


def _gap(cursor: Cursor | None, standing: Standing, entries: Sequence[Entry], now: datetime) -> Gap | None:
    """Entries have numbers without gaps. A database that is new begins where the one before it ended."""
    if not entries:
        return None
    entry, fields = entries[0]
    missing = int(fields["n"]) - (cursor.number if cursor else standing.fed_number) - 1
    if missing <= 0:  # fewer than none: Redis came back without its last second
        return None
    return Gap(now, missing, cursor.caught_up_at if cursor else None, entry_time(entry))


def _gap_text(gap: Gap) -> str:
    after = f"between {gap.after:%Y-%m-%d %H:%M:%S %Z} and" if gap.after else "before"
    return f"{gap.entries} entries {after} {gap.before:%Y-%m-%d %H:%M:%S %Z} are missing: the history was away too long"


def _prune(engine: Engine, history: History, standing: Standing) -> None:
    now = engine.store.clock.now()
    if standing.pruned_at is not None and now - standing.pruned_at < _PRUNE_EVERY:
        return
    gone = history.database.prune(now - engine.config.history.keep, _PRUNE_MOST)
    if gone < _PRUNE_MOST:  # else the next run goes on
        engine.store.past.pruned(now)


def _begin(engine: Engine, standing: Standing) -> None:
    """Says that it was away for long before trying anew: a try may be ended by the task's time limit."""
    now = engine.store.clock.now()
    lasts = now - engine.store.past.begins(now)
    if lasts >= _SAID_AFTER:
        waiting, most = engine.store.past.waiting(), engine.config.history.waiting
        why = standing.why or "no answer in time"
        report(engine, HISTORY, f"away for {rough_text(lasts)}: {why}; {waiting} of at most {most} entries wait")


def _works(engine: Engine, before: Standing) -> None:
    engine.store.past.works()
    if before.why:
        logger.warning("the history is back")
    standing, now = engine.store.past.standing(), engine.store.clock.now()
    gap_at = standing.gap_at if standing else None
    recent = standing is not None and gap_at is not None and now - gap_at < _GAP_SAID
    report(engine, HISTORY, standing.gap if standing and recent else None)
