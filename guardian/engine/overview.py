"""How everything stands, for the summary file, the status command and the live view."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean

from guardian.config import Config
from guardian.decide.arming import mode_in_force
from guardian.engine.queues import SCAN, TELL, check_queue, heal_queue, own_queue, taken_by
from guardian.model import JSON, Arming, Incident, Key, Mode, Silence, Status
from guardian.ports import Flag
from guardian.store.spool import ChannelState
from guardian.store.store import Store
from guardian.store.values import CheckSummary, Presence, WatchSeen

SCHEMA_VERSION = 1
ALIVE = timedelta(seconds=20)
"""A worker or beat that was not seen for longer is taken for away; each is due every 5 s."""

_CLOSED = 100
_STALE_INTERVALS = 3


@dataclass(frozen=True)
class CheckView:
    """`stale`: its last look is so old that it says nothing any more."""

    last: CheckSummary
    stale: bool
    age: timedelta

    @property
    def status(self) -> Status:
        return Status.UNKNOWN if self.stale else self.last.status


@dataclass(frozen=True)
class CanaryView:
    """When a message last went through a queue and was worked on. `stale`: so long ago that it is stuck."""

    queue: str
    seen_at: datetime | None
    stale: bool


@dataclass(frozen=True)
class Overview:
    """`detect` is the mean time from the last look before to the first bad one: the most it can have taken. `channels`:
    those that do not get everything."""

    at: datetime
    checks: Sequence[CheckView]
    skipped: Sequence[str]
    never_looked: Sequence[str]
    open: Sequence[Incident]
    closed: Sequence[Incident]
    cooldowns: Mapping[Key, datetime]
    silences: Sequence[Silence]
    flags: Sequence[Flag]
    workers: Sequence[Presence]
    beat: datetime | None
    queues: Mapping[str, int]
    channels: Sequence[ChannelState]
    canaries: Sequence[CanaryView]
    watches: Sequence[WatchSeen]
    detect: timedelta | None
    recover: timedelta | None
    mode: Mode
    arming: Arming | None

    @property
    def armed_by(self) -> Arming | None:
        """The last command's word, while it is in force."""
        return self.arming if self.arming and self.arming.mode is self.mode else None

    @property
    def beat_alive(self) -> bool:
        return self.beat is not None and self.at - self.beat < ALIVE

    @property
    def blind(self) -> Sequence[str]:
        """What a watch that lives says that Guardian does not see, and queues that are stuck, a line each."""
        said = [line for each in self.watches if self.at - each.seen_at < ALIVE for line in each.blind]
        stuck = [f"no canary came through queue {each.queue}" for each in self.canaries if each.stale]
        return list(dict.fromkeys(said or stuck))

    @property
    def status(self) -> Status:
        """The worst of it; without looks in time it is unknown, whatever the last ones said."""
        states = {view.status for view in self.checks} | {incident.status for incident in self.open}
        if Status.FAIL in states:
            return Status.FAIL
        if not self.beat_alive or self.blind or self.never_looked or Status.UNKNOWN in states:
            return Status.UNKNOWN
        return Status.OK if Status.OK in states else Status.SKIPPED


def live_nodes(workers: Sequence[Presence], now: datetime) -> Sequence[str]:
    """Nodes with a worker that was seen lately. One that only scans takes no look, so it keeps no node alive."""
    return sorted({worker.node for worker in workers if worker.role != SCAN and now - worker.seen_at < ALIVE})


def live_queues(workers: Sequence[Presence], now: datetime) -> Sequence[str]:
    """Queues that a worker which was seen lately takes from."""
    alive = [worker for worker in workers if now - worker.seen_at < ALIVE]
    return sorted({queue for worker in alive for queue in taken_by(worker.role, worker.node)})


def overview(store: Store, config: Config) -> Overview:
    now, arming = store.clock.now(), store.arming()
    workers = store.signs.presences()
    nodes = sorted({worker.node for worker in workers} | {config.node})
    enabled = [name for name, check in config.checks.items() if check.enabled]
    found = store.checks((check, node) for check in enabled for node in nodes)
    looked = {look.check for look in found}
    opened, closed = store.open_incidents(), store.closed_incidents(_CLOSED)
    own = any(check.own and check.enabled for check in config.checks.values())
    kinds = [check_queue, *([own_queue] if own else []), heal_queue]
    queues = [TELL, *(name(node) for node in nodes for name in kinds)]
    return Overview(
        at=now,
        checks=[_view(look, config, now) for look in found],
        skipped=sorted(set(config.checks) - set(enabled)),
        never_looked=[check for check in enabled if check not in looked],
        open=opened,
        closed=closed,
        cooldowns=store.cooldowns([*opened, *closed], now),
        silences=store.silences(now),
        flags=store.flags.standing(),
        workers=workers,
        beat=store.signs.last_beat(),
        queues=store.queue_depths(queues),
        channels=_channels(store, config),
        canaries=_canaries(store, config, live_queues(workers, now), now),
        watches=store.signs.watches(now),
        detect=_mean([each.opened_at - each.looked_before for each in (*opened, *closed)]),
        recover=_mean([each.resolved_at - each.opened_at for each in closed if each.resolved_at]),
        mode=mode_in_force(config.mode, config.mode_written_at, arming),
        arming=arming,
    )


def _channels(store: Store, config: Config) -> Sequence[ChannelState]:
    """One that is no longer configured keeps what it lacks."""
    names = [*(["webhook"] if config.alerts.webhook else []), *config.alerts.channels, *store.spool.waiting()]
    found = store.spool.states(names).values()
    return [state for state in found if state.undelivered or state.since or state.dropped]


def _view(look: CheckSummary, config: Config, now: datetime) -> CheckView:
    age = now - look.at
    return CheckView(look, age > max(_STALE_INTERVALS * config.checks[look.check].interval, ALIVE), age)


def _canaries(store: Store, config: Config, queues: Sequence[str], now: datetime) -> Sequence[CanaryView]:
    """Of the queues that somebody takes from. One that was never there is no proof: all may just be starting."""
    oldest = now - config.watch.blind_after
    seen = store.signs.canaries(queues)
    return [CanaryView(queue, at, stale=at is not None and at < oldest) for queue, at in seen.items()]


def _mean(lengths: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=fmean(length.total_seconds() for length in lengths)) if lengths else None


def as_json(view: Overview, every: timedelta) -> dict[str, JSON]:
    """The summary. It is to be believed until `stale_after`."""
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": view.at.isoformat(),
        "stale_after": (view.at + _STALE_INTERVALS * every).isoformat(),
        "status": view.status,
        "mode": view.mode,
        "armed": _arming(view.armed_by) if view.armed_by else None,
        "checks": [_check(check) for check in view.checks],
        "checks_skipped": list(view.skipped),
        "checks_never_looked": list(view.never_looked),
        "open_incidents": [brief_incident(incident) for incident in view.open],
        "cooldowns": [
            {"check": key.check, "node": key.node, "target": key.target, "until": until.isoformat()}
            for key, until in view.cooldowns.items()
        ],
        "silences": [{"id": each.id, "until": each.until.isoformat(), "by": each.author} for each in view.silences],
        "flags": [flag_document(each) for each in view.flags],
        "queues": dict(view.queues),
        "channels": [_channel(each) for each in view.channels],
        "canaries": [
            {
                "queue": each.queue,
                "seen_at": each.seen_at.isoformat() if each.seen_at else None,
                "age_seconds": _seconds(view.at - each.seen_at if each.seen_at else None),
                "stale": each.stale,
            }
            for each in view.canaries
        ],
        "watches": [
            {"node": each.node, "seen_at": each.seen_at.isoformat(), "alive": view.at - each.seen_at < ALIVE}
            for each in view.watches
        ],
        "blind": list(view.blind),
        "workers": [
            {
                "node": each.node,
                "role": each.role,
                "seen_at": each.seen_at.isoformat(),
                "alive": view.at - each.seen_at < ALIVE,
            }
            for each in view.workers
        ],
        "beat": {"last_tick": view.beat.isoformat() if view.beat else None, "alive": view.beat_alive},
        "mean_seconds_to_detect_at_most": _seconds(view.detect),
        "mean_seconds_to_recover": _seconds(view.recover),
    }


def _channel(state: ChannelState) -> dict[str, JSON]:
    def text(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "name": state.name,
        "undelivered": state.undelivered,
        "oldest_undelivered": text(state.oldest),
        "failing_since": text(state.since),
        "refused": state.refused,
        "trouble": state.trouble,
        "tries": state.tries,
        "next_try": text(state.next_try),
        "dropped": state.dropped,
    }


def _arming(arming: Arming) -> dict[str, JSON]:
    return {"mode": arming.mode, "by": arming.by, "at": arming.at.isoformat(), "comment": arming.comment}


def _check(view: CheckView) -> dict[str, JSON]:
    return {
        "check": view.last.check,
        "node": view.last.node,
        "ok": view.status in (Status.OK, Status.SKIPPED),
        "status": view.status,
        "message": view.last.message,
        "checked_at": view.last.at.isoformat(),
        "age_seconds": round(view.age.total_seconds(), 3),
        "duration_seconds": view.last.seconds,
        "stale": view.stale,
    }


def brief_incident(incident: Incident) -> dict[str, JSON]:
    return {
        "id": incident.id,
        "check": incident.key.check,
        "node": incident.key.node,
        "target": incident.key.target,
        "state": incident.state,
        "status": incident.status,
        "severity": incident.severity,
        "message": incident.message,
        "opened_at": incident.opened_at.isoformat(),
        "resolved_at": incident.resolved_at.isoformat() if incident.resolved_at else None,
        "resolution": incident.resolution,
        "attempt": incident.attempt,
        "heal": incident.heal,
        "action": incident.action,
        "reason": incident.reason,
        "acknowledged_by": incident.acked_by,
    }


def flag_document(flag: Flag) -> dict[str, JSON]:
    return {
        "scope": flag.scope,
        "share": flag.share,
        "reason": flag.reason,
        "by": flag.author,
        "since": flag.since.isoformat(),
        "until": flag.until.isoformat() if flag.until else None,
        "incident": flag.incident,
    }


def _seconds(length: timedelta | None) -> float | None:
    return round(length.total_seconds(), 3) if length is not None else None


def write_summary(path: Path, content: Mapping[str, JSON]) -> None:
    """Replaces the file whole or not at all. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
