"""Tasks that clients were let start: how many there may be, and which work was begun already.

What a pipeline holds is known from the last look at it, which any check that reads it leaves here; what clients were
let start since is counted on top. A look that is old says nothing, and then there is no cap.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from guardian.ports import Clock
from guardian.store.codec import ms, script_text, span
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors

FRESH = timedelta(seconds=60)
"""A reading that is older says nothing."""

_GRACE = timedelta(seconds=5)
"""From a yes to the task being seen in `doing`: what was let start this short before a reading is still counted."""
_BEGUN_KEPT = timedelta(days=2)
_READINGS_KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Start:
    """`answer`: yes, cap or duplicate. `known`: a young reading of the pipeline was there, so that its cap was looked
    at. `by` is whose that work is."""

    answer: str
    known: bool
    pipeline: str | None = None
    doing: int = 0
    started: int = 0
    cap: int | None = None
    by: str | None = None


class Starts:
    """Part of the Store. All raise StoreError."""

    def __init__(self, server: Server, keys: Keys, scripts: Scripts, clock: Clock) -> None:
        self._server, self._keys, self._scripts, self._clock = server, keys, scripts, clock

    def pipeline_read(self, pipeline: str, doing: int, cap: int | None) -> None:
        held = {"at": ms(self._clock.now()), "doing": doing, "cap": cap}
        text = script_text({name: value for name, value in held.items() if value is not None})
        pipe = self._server.pipeline(transaction=False)
        pipe.hset(self._keys.pipelines, pipeline, text)
        pipe.pexpire(self._keys.pipelines, span(_READINGS_KEPT))
        with server_errors():
            pipe.execute()

    def ask(self, id_: str, *, pipeline: str = "", pace: float = 1.0, kind: str | None, subject: str | None) -> Start:
        """May the task of this id start? A yes to it counts, and the same id may ask again. `pace` is the share of the
        cap that a throttle leaves. Work without a subject is like no other."""
        now = self._clock.now()
        given = {
            "now": ms(now),
            "id": id_,
            "pipeline": pipeline,
            "pace": pace,
            "known": _work(kind, subject, f"{now:%Y-%m-%d}"),
            "fresh": span(FRESH),
            "grace": span(_GRACE),
            "keep": span(_BEGUN_KEPT),
        }
        held = json.loads(self._scripts.run("start", script_text(given)))
        return Start(
            answer=held["answer"],
            known=bool(held["read"]),
            pipeline=held.get("pipeline"),
            doing=held.get("doing", 0),
            started=held.get("started", 0),
            cap=held.get("cap"),
            by=held.get("by"),
        )

    def withdraw(self, id_: str, *, pipeline: str | None, kind: str | None, subject: str | None) -> None:
        """It did not start, or it failed: its place is free, and its work may be begun again today."""
        work = _work(kind, subject, f"{self._clock.now():%Y-%m-%d}")
        self._scripts.run("withdraw", id_, pipeline or "", work)


def _work(kind: str | None, subject: str | None, day: str) -> str:
    """One name for the same kind, subject and day; empty where it is like no other."""
    if subject is None:
        return ""
    return hashlib.sha256(json.dumps([kind, subject, day]).encode()).hexdigest()[:32]
