"""Playing a scene: a Guardian of its own watches a small world; that goes wrong; what it saw and did is followed.

All times are the store's clock. An incident's own time is the beginning of the look that saw it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from guardian import services
from guardian.diagnose.plain import plain
from guardian.drill.crash import kept_log, story_line
from guardian.drill.keeper import Sandbox, SandboxError
from guardian.drill.sandbox import sandbox
from guardian.drill.scenes.base import Scene, is_over
from guardian.drill.victim import DrillError
from guardian.engine.engine import Engine
from guardian.errors import GuardianError, StoreError
from guardian.model import JSON, Incident, Transition
from guardian.runtime import statedir

Say = Callable[[str], None]

_POLL_SECONDS = 0.1
_READY_LIMIT = timedelta(seconds=60)
_RECENT = 200


@dataclass(frozen=True)
class Played:
    """`seen` and `over` are times since it went wrong; None where it did not come to that. `proof` is what is to be
    seen in the world, or why not. `log` is where Guardian's log was kept."""

    scene: Scene
    words: str
    seen: timedelta | None = None
    over: timedelta | None = None
    incidents: Sequence[Incident] = ()
    stories: Mapping[str, Sequence[Transition]] = field(default_factory=dict)
    proof: str = ""
    log: Path | None = None

    @property
    def ok(self) -> bool:
        return self.over is not None and self.seen is not None and self.seen <= self.scene.seen_within


def play(scene: Scene, say: Say) -> Played:
    """Raises DrillError and SandboxError."""
    say("setting the scene")
    with sandbox(scene.stage, say) as box:
        say(box.words)
        try:
            played = _Watch(scene, box, _ready(scene, box), say).played()
        except GuardianError as error:
            raise DrillError(f"{error}; Guardian's log: {kept_log(box.log)}") from error
        return played if played.ok else replace(played, log=kept_log(box.log))


def _ready(scene: Scene, box: Sandbox) -> Engine:
    """When Guardian has looked once: so it goes wrong right after a look, the longest that seeing it can take."""
    config = services.load_config(box.config)
    engine = services.build(config, statedir.redis_url(config, box.state), box.state)
    deadline = time.monotonic() + _READY_LIMIT.total_seconds()
    while engine.store.last_look(scene.check, engine.node).at is None:
        if time.monotonic() > deadline:
            raise DrillError(f"Guardian did not look within {_READY_LIMIT.total_seconds():.0f} s")
        time.sleep(_POLL_SECONDS)
    return engine


class _Watch:
    """What becomes of it, look by look."""

    def __init__(self, scene: Scene, box: Sandbox, engine: Engine, say: Say) -> None:
        self._scene, self._box, self._store, self._say = scene, box, engine.store, say
        self._incidents: Sequence[Incident] = ()
        self._stories: dict[str, Sequence[Transition]] = {}
        self._proof = ""
        self._began = self._store.clock.now()

    def played(self) -> Played:
        self._box.go_wrong()
        self._began = self._store.clock.now()
        self._say(f"it goes wrong; waiting for at most {self._scene.limit.total_seconds():.0f} s")
        deadline = time.monotonic() + self._scene.limit.total_seconds()
        over: datetime | None = None
        while over is None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            with suppress(StoreError):  # away for a while: it costs time only
                over = self._look()
        first = min((each.opened_at for each in self._incidents), default=None)
        return Played(
            self._scene,
            self._box.words,
            self._since(first),
            self._since(over),
            self._incidents,
            self._stories,
            self._proof,
        )

    def _look(self) -> datetime | None:
        """When it is over."""
        recent = [*self._store.open_incidents(), *self._store.closed_incidents(_RECENT)]
        ours = [each for each in recent if each.key.check == self._scene.check and each.opened_at >= self._earliest]
        self._incidents = sorted(ours, key=lambda each: each.opened_at)
        for incident in self._incidents:
            self._follow(incident)
        if not is_over(self._scene, self._incidents):
            return None
        try:
            self._proof = self._box.proof()
        except SandboxError as error:
            self._proof = f"not so: {error}"
            return None
        return self._store.clock.now()

    @property
    def _earliest(self) -> datetime:
        """The look that saw it may have begun a moment before."""
        return self._began - timedelta(seconds=5)

    def _follow(self, incident: Incident) -> None:
        known = len(self._stories.get(incident.id, ()))
        story = self._store.story(incident.id)
        for step in story[known:]:
            after = max(step.at - self._began, timedelta()).total_seconds()
            self._say(f"{after:6.1f} s  {plain(incident.key.target)}: {story_line(step)}")
        self._stories[incident.id] = story

    def _since(self, at: datetime | None) -> timedelta | None:
        return max(at - self._began, timedelta()) if at is not None else None


def as_json(played: Played) -> Mapping[str, JSON]:
    return {
        "ok": played.ok,
        "check": played.scene.check,
        "scene": played.words,
        "detect_seconds": _seconds(played.seen),
        "over_seconds": _seconds(played.over),
        "limit_seconds": _seconds(played.scene.limit),
        "proof": played.proof,
        "incidents": [_incident(each, played.stories.get(each.id, ())) for each in played.incidents],
        "log": str(played.log) if played.log else None,
    }


def _incident(incident: Incident, story: Sequence[Transition]) -> Mapping[str, JSON]:
    return {
        "id": incident.id,
        "target": incident.key.target,
        "message": incident.message,
        "resolution": incident.resolution,
        "reason": incident.reason,
        "story": [
            {"at": step.at.isoformat(), "kind": step.kind, "text": step.text, "reason": step.reason} for step in story
        ],
    }


def _seconds(length: timedelta | None) -> float | None:
    return round(length.total_seconds(), 3) if length is not None else None
