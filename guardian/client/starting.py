"""May one more task start? And: this worker lives. A Guardian that is away never stops an agent by raising."""

import json
import logging
import os
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from guardian.client.connection import STATE, address, flags_file, store
from guardian.diagnose.plain import brief

if TYPE_CHECKING:
    from guardian.ports import Flag
    from guardian.store.starts import Start

_NAME = 100
_TEXT = 300
_EVERYTHING = "all"  # guardian.ports.EVERYTHING, without what comes with that import

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """True where the task may start. `reason` says why, or why not, for people; `cause` for programs. `pace`: the share
    of the usual pace that a throttle leaves, 1 without one. `certain` is False where Guardian could not be asked: it is
    then the default, or what the mirror of the flags says. `task` is the id under which it was asked."""

    allowed: bool
    reason: str
    cause: Literal["free", "paused", "full", "duplicate", "away"] = "free"
    pace: float = 1.0
    certain: bool = True
    task: str = ""
    asked: Mapping[str, str | None] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class _Flag:
    """A control flag, from wherever it was read."""

    scope: str
    share: float
    text: str


@dataclass(frozen=True)
class _Asked:
    agent: str | None
    kind: str | None
    subject: str | None
    task: str
    pipeline: str | None
    state: Path

    @property
    def scopes(self) -> frozenset[str]:
        named = {"agent": self.agent, "kind": self.kind}
        return frozenset({_EVERYTHING, *(f"{what}:{brief(name, _NAME)}" for what, name in named.items() if name)})


def may_start_task(
    *,
    agent: str | None = None,
    kind: str | None = None,
    subject: str | None = None,
    task: str | None = None,
    pipeline: str | None = None,
    default: bool = True,
    state: str | os.PathLike[str] | None = None,
) -> Answer:
    """Not while all, the agent or the kind is paused; not over the cap of the pipeline; not the same kind and subject
    twice on one day. A yes counts as started. The same `task` may ask again; without it each question is a new one.
    `pipeline` names the task store where Guardian knows several. `default` is the answer where Guardian is away.

    Never raises; takes some seconds at most.
    """
    asked = _Asked(agent, kind, subject, task or uuid.uuid4().hex, pipeline, Path(state) if state else STATE)
    try:
        return _by_the_store(asked)
    except Exception as error:  # noqa: BLE001  whatever it is, the agent works on
        away = " ".join(f"{type(error).__name__}: {error}".split())[:_TEXT]
        return _without_store(asked, away, default=default)


def withdraw(answer: Answer, *, state: str | os.PathLike[str] | None = None) -> bool:
    """The task did not start, or it failed and may be begun anew today. Never raises; whether it was noted."""
    if not (answer and answer.asked):
        return False
    try:
        store(address(Path(state) if state else None)).starts.withdraw(answer.task, **answer.asked)
    except Exception as error:  # noqa: BLE001  as above
        logger.warning("not withdrawn: %s", error)
        return False
    return True


def heartbeat(worker: str, task: str | None = None, *, state: str | os.PathLike[str] | None = None) -> bool:
    """This worker lives, and works on this task. Every half minute is enough. Never raises; whether it was noted."""
    try:
        name = brief(worker, _TEXT)
        if name:
            store(address(Path(state) if state else None)).heartbeats.seen(name, brief(task, _TEXT) if task else None)
        return bool(name)
    except Exception as error:  # noqa: BLE001  as above
        logger.warning("no heartbeat of %s: %s", worker, error)
        return False


def _by_the_store(asked: _Asked) -> Answer:
    known = store(address(asked.state))
    flags = [_flag(each) for each in known.flags.standing() if each.scope in asked.scopes]
    if (refused := _paused(flags, asked.task, certain=True)) is not None:
        return refused
    everything = min((flag.share for flag in flags if flag.scope == _EVERYTHING), default=1.0)
    start = known.starts.ask(
        asked.task, pipeline=asked.pipeline or "", pace=everything, kind=asked.kind, subject=asked.subject
    )
    pace = _pace(flags)
    if start.answer != "yes":
        cause: Literal["full", "duplicate"] = "full" if start.answer == "cap" else "duplicate"
        return Answer(allowed=False, reason=_refusal(start), cause=cause, pace=pace, task=asked.task)
    held = {"pipeline": start.pipeline, "kind": asked.kind, "subject": asked.subject}
    return Answer(allowed=True, reason=_why(flags, start), pace=pace, task=asked.task, asked=held)


def _flag(flag: "Flag") -> _Flag:
    return _Flag(flag.scope, flag.share, _flag_text(flag.scope, flag.author, flag.until, flag.reason))


def _flag_text(scope: str, author: str, until: datetime | None, reason: str) -> str:
    text = f"{scope} by {author}" + (f" until {until:%Y-%m-%d %H:%M:%SZ}" if until else "")
    return f"{text}: {reason}" if reason else text


def _paused(flags: Iterable[_Flag], task: str, *, certain: bool) -> Answer | None:
    paused = next((flag for flag in flags if flag.share <= 0), None)
    if paused is None:
        return None
    return Answer(allowed=False, reason=f"paused, {paused.text}", cause="paused", pace=0.0, certain=certain, task=task)


def _pace(flags: Iterable[_Flag]) -> float:
    return min((flag.share for flag in flags), default=1.0)


def _refusal(start: "Start") -> str:
    if start.answer == "duplicate":
        return f"the same kind and subject was begun today already, as {start.by}"
    since = f" and {start.started} let start since" if start.started else ""
    return f"{start.pipeline} is full: {start.doing} in doing{since}, its cap is {start.cap}"


def _why(flags: Iterable[_Flag], start: "Start") -> str:
    slow = [f"throttled to {flag.share:g}, {flag.text}" for flag in flags]
    blind = [] if start.known else ["how full the pipeline is is not known"]
    return "; ".join([*slow, *blind]) or "nothing speaks against it"


def _without_store(asked: _Asked, away: str, *, default: bool) -> Answer:
    """By the mirror of the flags while that is young; a pause in it is a no in any case."""
    flags = [flag for flag in _mirrored(asked.state) if flag.scope in asked.scopes]
    if (refused := _paused(flags, asked.task, certain=False)) is not None:
        return refused
    reason = f"Guardian cannot be asked, so it is the default ({away})"
    return Answer(default, reason, cause="away", pace=_pace(flags), certain=False, task=asked.task)


def _mirrored(state: Path) -> list[_Flag]:
    """None of a file that is away, broken or old: it says nothing."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        held, now = json.loads(flags_file(state).read_text(encoding="utf-8")), datetime.now(UTC)
        if datetime.fromisoformat(held["stale_after"]) > now:
            return [_mirrored_flag(each) for each in held["flags"] if not _over(each, now)]
    return []


def _over(flag: Mapping[str, Any], now: datetime) -> bool:
    return flag["until"] is not None and datetime.fromisoformat(flag["until"]) <= now


def _mirrored_flag(flag: Mapping[str, Any]) -> _Flag:
    until = datetime.fromisoformat(flag["until"]) if flag["until"] else None
    text = _flag_text(flag["scope"], flag["by"], until, flag["reason"])
    return _Flag(flag["scope"], float(flag["share"]), text)
