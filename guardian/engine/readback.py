"""A store that came back empty knows again what the history knows of the one before it: what was open, and which cures
there were. Until then no cure is done; where the history is away, for one whole cooldown.

Redis takes what waited for the history with it. A cure of those last seconds is known to nobody: until the cooldown
that it may have begun is over, a cure is done only where the remedy can tell that there was none (engine/act.py).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from guardian.engine.engine import Engine
from guardian.history.history import History
from guardian.history.values import HELD, KeptHeal, KeptIncident
from guardian.model import Key, TargetState
from guardian.store import codec
from guardian.store.past import LostHeal, LostIncident, Standing

_STORY = 200

logger = logging.getLogger(__name__)


def read_back(engine: Engine, history: History, standing: Standing) -> None:
    """Once per store. Dying after any line, the next run does it again; the store takes it once."""
    if standing.read_back or standing.lost in (None, standing.id):
        return
    now, heal = engine.store.clock.now(), engine.config.heal
    since = now - max(heal.budget_window, heal.cooldown)
    history.database.adopt(standing.id, standing.lost or "", since, standing.made_at)
    kept = history.database.kept(standing.id, since, _STORY)
    done = engine.store.past.restore(
        standing.id,
        [_lost_incident(each) for each in kept.incidents],
        lost_heals(kept.heals, heal.cooldown, engine.subject),
        now=now,
        verify_at=now + heal.verify_after,
        since=kept.since,
        hold=heal.cooldown,
        window=heal.budget_window,
    )
    if done.outcome == "done":
        logger.warning(
            "Redis came back empty: %d incidents and %d heals are known again from the history%s",
            len(done.restored),
            len(kept.heals),
            "" if kept.since else ", which knows nothing of it: no cure for one cooldown",
        )


def _lost_incident(kept: KeptIncident) -> LostIncident:
    incident = codec.incident(kept.fields)
    state = TargetState(
        incident.status, incident.message, incident.severity, incident.opened_at, incident.seen_at, history="f"
    )
    return LostIncident(kept.fields, kept.evidence, codec.state_text(state), [_step(step) for step in kept.steps])


def _step(step: object) -> str:
    held = dict(step) if isinstance(step, dict) else {}
    at = held["at"]
    told = {"at": codec.ms(at), "kind": held["kind"], "text": held["text"], "reason": held["reason"]}
    return codec.json_text({name: value for name, value in told.items() if value is not None})


def lost_heals(heals: Sequence[KeptHeal], cooldown: timedelta, subject_of: Callable[[Key], str]) -> list[LostHeal]:
    """The newest first; of each subject the newest one says until when it cools down."""
    seen: set[tuple[str, str]] = set()
    found = []
    for heal in sorted(heals, key=lambda each: each.claimed_at, reverse=True):
        subject = subject_of(Key(heal.check, heal.node, heal.target))
        newest = heal.cure and (heal.node, subject) not in seen
        seen |= {(heal.node, subject)} if heal.cure else set()
        until = _cooling_until(heal, cooldown) if newest else None
        found.append(
            LostHeal(heal.node, subject, heal.incident, heal.attempt, heal.act, heal.claimed_at, until, heal.cure)
        )
    return found


def _cooling_until(heal: KeptHeal, cooldown: timedelta) -> datetime | None:
    """A verified heal lifts it; one that nobody finished counts from its claim."""
    if heal.outcome == HELD:
        return None
    return (heal.finished_at or heal.claimed_at) + cooldown
