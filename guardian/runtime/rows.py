"""How everything stands as rows of text, for `guardian status` and the live view of `guardian up`."""

from collections.abc import Sequence
from datetime import datetime

from guardian.engine.engine import silenced
from guardian.engine.explain import Next, what_next
from guardian.engine.overview import Overview
from guardian.model import Incident, Mode, Silence, Status
from guardian.ports import Flag
from guardian.settings import rough_text
from guardian.store.spool import ChannelState

CHECKS = ("status", "check", "node", "age", "message")
INCIDENTS = ("id", "target", "check", "since", "message", "reason", "next")
FLAGS = ("scope", "is", "for", "left", "by", "incident", "reason")


def headline(view: Overview) -> str:
    """The overall status, and why it is not simply that of the checks."""
    if view.status is Status.UNKNOWN and not view.beat_alive:
        seen = f"last seen {ago(view.beat, view.at)}" if view.beat else "never seen"
        return f"{view.status}: beat is away ({seen}), so nothing is looked at"
    if view.status is Status.UNKNOWN and view.blind:
        return f"{view.status}: blind: {'; '.join(view.blind)}"
    stale = [check.last.check for check in view.checks if check.stale]
    if view.status is Status.UNKNOWN and stale:
        return f"{view.status}: no look in time by {', '.join(stale)}"
    if view.status is Status.SKIPPED:
        return f"{view.status}: there is nothing to look at"
    return str(view.status)


def check_rows(view: Overview) -> Sequence[Sequence[str]]:
    """Under CHECKS, the bad ones first."""
    order = (Status.FAIL, Status.UNKNOWN, Status.OK, Status.SKIPPED)
    return [
        (
            check.status,
            check.last.check,
            check.last.node,
            f"{rough_text(check.age)} ago",
            ("no look in time; the last one: " if check.stale else "") + check.last.message,
        )
        for check in sorted(view.checks, key=lambda check: order.index(check.status))
    ]


def incident_rows(incidents: Sequence[Incident], silences: Sequence[Silence], now: datetime) -> Sequence[Sequence[str]]:
    """Under INCIDENTS."""
    return [
        (
            incident.id,
            incident.key.target,
            f"{incident.key.check}@{incident.key.node}",
            ago(incident.opened_at, now),
            incident.message,
            incident.reason or "",
            "; ".join(due(step, now) for step in what_next(incident, silenced(incident.key, silences))),
        )
        for incident in incidents
    ]


def mode_text(view: Overview) -> str:
    """With who switched it, where a command did."""
    arming = view.armed_by
    if arming is None:
        return str(view.mode)
    did = "armed" if arming.mode is Mode.HEAL else "disarmed"
    return f"{view.mode} ({did} by {arming.by} {ago(arming.at, view.at)})"


def worker_text(view: Overview) -> str:
    seen = [f"{each.node} {each.role} {ago(each.seen_at, view.at)}" for each in view.workers]
    return ", ".join(seen) or "none was seen"


def beat_text(view: Overview) -> str:
    return ago(view.beat, view.at) if view.beat else "never seen"


def queue_text(view: Overview) -> str:
    return ", ".join(f"{name} {depth}" for name, depth in view.queues.items())


def channel_lines(view: Overview) -> Sequence[str]:
    """Of each channel that does not get everything, one line."""
    return [_channel(each, view.at) for each in view.channels]


def _channel(state: ChannelState, now: datetime) -> str:
    since = min((at for at in (state.since, state.oldest) if at), default=None)
    parts = [
        f"{state.undelivered} undelivered to {state.name}" + (f" since {since:%Y-%m-%d %H:%M:%SZ}" if since else "")
    ]
    if state.trouble:
        parts.append(f"{'it refuses: ' if state.refused else ''}{state.trouble}")
    if state.next_try and state.undelivered:
        parts.append(f"next try {f'in {rough_text(state.next_try - now)}' if state.next_try > now else 'now'}")
    if state.dropped:
        parts.append(f"{state.dropped} dropped")
    return "; ".join(parts)


def flag_line(flag: Flag) -> str:
    until = f"until {flag.until:%Y-%m-%d %H:%M:%SZ}" if flag.until else "until it is lifted"
    incident = f" for incident {flag.incident}" if flag.incident else ""
    why = f": {flag.reason}" if flag.reason else ""
    return f"{flag.scope} is {flag_word(flag)} {until}, by {flag.author}{incident}{why}"


def flag_rows(flags: Sequence[Flag], now: datetime) -> Sequence[Sequence[str]]:
    """Under FLAGS."""
    return [
        (
            flag.scope,
            flag_word(flag),
            rough_text(now - flag.since),
            rough_text(flag.until - now) if flag.until else "until lifted",
            flag.author,
            flag.incident or "",
            flag.reason,
        )
        for flag in flags
    ]


def flag_word(flag: Flag) -> str:
    return "paused" if not flag.share else f"throttled to {flag.share:g}"


def canary_text(view: Overview) -> str:
    seen = [f"{each.queue} {ago(each.seen_at, view.at) if each.seen_at else 'never'}" for each in view.canaries]
    return ", ".join(seen) or "no queue has a worker"


def watch_text(view: Overview) -> str:
    return ", ".join(f"{each.node} {ago(each.seen_at, view.at)}" for each in view.watches) or "never seen"


def due(step: Next, now: datetime) -> str:
    """What is next and in how long."""
    if step.at is None:
        return step.what
    return f"{step.what} ({f'in {rough_text(step.at - now)}' if step.at > now else 'due now'})"


def ago(at: datetime, now: datetime) -> str:
    return f"{rough_text(now - at)} ago"
