"""The crash drill: kill a process for real, and measure what Guardian does about it.

All times are the store's clock, read when something was seen to be so: a poll of 0.1 s makes them longer, never
shorter. An incident's own time is the beginning of the look that saw it.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from guardian.diagnose.plain import plain
from guardian.drill.sandbox import sandbox, supervised
from guardian.drill.victim import DrillError, Victim, healthy, runs
from guardian.errors import GuardianError, SourceError, StoreError
from guardian.model import JSON, Action, HealState, Incident, Transition

Say = Callable[[str], None]
"""Takes a line about how far it is."""

_POLL_SECONDS = 0.1
_RECENT = 20


@dataclass(frozen=True)
class Outcome:
    """Times since the kill; None where it did not come to that. `by_itself`: the supervisor restarted it before
    Guardian had anything to do. `story` is the incident's; `log` is where Guardian's log was kept."""

    supervisor: str
    target: str
    pid: int
    heal_limit: timedelta
    seen: timedelta | None = None
    running: timedelta | None = None
    verified: timedelta | None = None
    by_itself: bool = False
    incident: Incident | None = None
    story: Sequence[Transition] = field(default=())
    log: Path | None = None

    @property
    def ok(self) -> bool:
        if self.by_itself:
            return True
        return self.verified is not None and self.running is not None and self.running <= self.heal_limit

    @property
    def repair(self) -> timedelta | None:
        """From seen to running again."""
        return self.running - self.seen if self.running is not None and self.seen is not None else None


def crash_throwaway(say: Say) -> Outcome:
    """With a Guardian, a supervisor and a process of the drill's own. Raises DrillError and SandboxError."""
    say("starting a Guardian and a process to break")
    with sandbox(supervised, say) as box:
        say(f"under {box.words}")
        try:
            outcome = crash(healthy(box), say)
        except GuardianError as error:
            raise DrillError(f"{error}; Guardian's log: {kept_log(box.log)}") from error
        outcome = replace(outcome, supervisor=box.words)
        return outcome if outcome.ok else replace(outcome, log=kept_log(box.log))


def crash(victim: Victim, say: Say) -> Outcome:
    """Kill it, and watch until it is healed and verified, or time is up. Raises DrillError when it cannot be killed."""
    _still_there(victim)
    watch = _Watch(victim, say, victim.engine.store.clock.now())
    try:
        os.kill(victim.pid, signal.SIGKILL)
    except OSError as error:
        raise DrillError(f"process {victim.pid} cannot be killed: {error.strerror}") from None
    say(f"kill -9 {victim.pid} ({plain(victim.target)}); waiting for at most {victim.limit.total_seconds():.0f} s")
    deadline = time.monotonic() + victim.limit.total_seconds()
    while not watch.over() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return watch.outcome()


def _still_there(victim: Victim) -> None:
    """A person may have thought for long before saying yes: its number may be another process's by now."""
    try:
        process = victim.supervisor.find(victim.target)
    except SourceError as error:
        raise DrillError(str(error)) from None
    if process is None or not runs(process) or process.pid != victim.pid:
        raise DrillError(f"{victim.target} was restarted or stopped meanwhile: nothing was killed")


class _Watch:
    """What became of one kill, look by look."""

    def __init__(self, victim: Victim, say: Say, killed_at: datetime) -> None:
        self._victim, self._say, self._killed_at = victim, say, killed_at
        self._store = victim.engine.store
        self._running_at: datetime | None = None
        self._incident: Incident | None = None
        self._story: Sequence[Transition] = ()
        self._over = self._by_itself = False

    def over(self) -> bool:
        """One more look. A store or supervisor that is away for a while costs time only."""
        with suppress(StoreError, SourceError):
            self._look()
        return self._over

    def outcome(self) -> Outcome:
        incident = self._incident
        return Outcome(
            supervisor=self._victim.supervisor.name,
            target=self._victim.target,
            pid=self._victim.pid,
            heal_limit=self._victim.heal_limit,
            seen=self._since(incident.opened_at) if incident else None,
            running=self._since(self._running_at),
            verified=self._since(incident.resolved_at) if incident else None,
            by_itself=self._by_itself,
            incident=incident,
            story=self._story,
        )

    def _look(self) -> None:
        """The process first: Guardian's incident is recorded before its heal, so whatever runs again without one
        was not Guardian's doing."""
        if self._running_at is None and self._runs_again():
            self._running_at = self._store.clock.now()
            self._say_at(self._running_at, "it runs again")
        self._follow_incident()
        if self._incident is None:
            self._over = self._by_itself = self._running_at is not None
        else:
            self._over = _given_up(self._incident) or None not in (self._running_at, self._incident.resolved_at)

    def _runs_again(self) -> bool:
        process = self._victim.supervisor.find(self._victim.target)
        return process is not None and runs(process) and process.pid != self._victim.pid

    def _follow_incident(self) -> None:
        if self._incident is None:
            recent = [*self._store.open_incidents(), *self._store.closed_incidents(_RECENT)]
            self._incident = next((each for each in recent if self._is_ours(each)), None)
        else:
            self._incident = self._store.incident(self._incident.id) or self._incident
        if self._incident is not None:
            known, self._story = len(self._story), self._store.story(self._incident.id)
            for step in self._story[known:]:
                self._say_at(step.at, story_line(step))

    def _is_ours(self, incident: Incident) -> bool:
        """The look that saw it may have begun a moment before the kill."""
        return incident.key == self._victim.key and incident.opened_at >= self._killed_at - timedelta(seconds=5)

    def _since(self, at: datetime | None) -> timedelta | None:
        return max(at - self._killed_at, timedelta()) if at is not None else None

    def _say_at(self, at: datetime, text: str) -> None:
        self._say(f"{max(at - self._killed_at, timedelta()).total_seconds():6.1f} s  {text}")


def story_line(step: Transition) -> str:
    """One step of the story, fit to show."""
    return plain(f"{step.kind}: {step.text}" + (f" ({step.reason})" if step.reason else ""))


def as_json(outcome: Outcome) -> Mapping[str, JSON]:
    by = (outcome.supervisor if outcome.by_itself else "guardian") if outcome.running is not None else None
    return {
        "ok": outcome.ok,
        "supervisor": outcome.supervisor,
        "target": outcome.target,
        "pid": outcome.pid,
        "restarted_by": by,
        "detect_seconds": _seconds(outcome.seen),
        "heal_seconds": _seconds(outcome.running),
        "seen_to_running_seconds": _seconds(outcome.repair),
        "verify_seconds": _seconds(outcome.verified),
        "heal_limit_seconds": _seconds(outcome.heal_limit),
        "incident": outcome.incident.id if outcome.incident else None,
        "story": [
            {"at": step.at.isoformat(), "kind": step.kind, "text": step.text, "reason": step.reason}
            for step in outcome.story
        ],
        "log": str(outcome.log) if outcome.log else None,
    }


def _seconds(length: timedelta | None) -> float | None:
    return round(length.total_seconds(), 3) if length is not None else None


def _given_up(incident: Incident) -> bool:
    """It goes to a person now."""
    return incident.action is Action.ALERT and incident.heal is HealState.NONE and incident.resolved_at is None


def kept_log(log: Path) -> Path:
    """A copy that outlives the sandbox."""
    handle, name = tempfile.mkstemp(prefix="guardian-drill-", suffix=".log")
    os.close(handle)
    with suppress(OSError):
        shutil.copyfile(log, name)
    return Path(name)
