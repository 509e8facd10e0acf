"""Delivering to one channel: at once, or from its spool when that failed.

A channel that fails keeps neither other channels nor the incident back: what it lacks goes into its spool and counts as
told. While anything waits there, what comes later waits behind it, so that an end never overtakes its alert.
"""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from guardian.decide.telling import next_after_refusal, next_try
from guardian.engine.engine import Engine
from guardian.engine.patrol import report
from guardian.errors import DeliveryError
from guardian.model import GUARDIAN, Key
from guardian.ports import Channel, Notification
from guardian.settings import rough_text
from guardian.store.spool import LONGEST_KEPT, ChannelState, Spooled

_SEND_LIMIT = timedelta(seconds=15)
_LEAST_LIMIT = timedelta(seconds=1)
_SAID_AFTER = timedelta(minutes=5)
"""How long a channel may fail before other channels are told of it; one that refuses is told of at once."""
_LATE_AFTER = timedelta(minutes=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """A step of what is told: of an incident, or a day's digest. `told(channel, now)` notes that a channel has it."""

    of: str
    step: str
    told: Callable[[str, datetime], None]


class Round:
    """The time for sending within one task: half of what the task has, so that what follows is done in it too."""

    def __init__(self, engine: Engine) -> None:
        self._whole = engine.config.worker.time_limit / 2
        self._end = time.monotonic() + self._whole.total_seconds()

    @property
    def limit(self) -> timedelta:
        """For the next delivery; zero when there is no time for one."""
        left = timedelta(seconds=self._end - time.monotonic())
        return min(left, _SEND_LIMIT) if left >= min(_LEAST_LIMIT, self._whole / 2) else timedelta(0)


def own_target(channel: str) -> str:
    """The target under which Guardian reports that a channel does not work."""
    return f"channel {channel}"


def is_about(key: Key, channel: str) -> bool:
    return (key.check, key.target) == (GUARDIAN, own_target(channel))


def deliver(engine: Engine, channel: Channel, notification: Notification, due: Due, given: Round) -> None:
    """The channel has the step afterwards, or its spool does."""
    spool = engine.store.spool
    state = spool.states([channel.name])[channel.name]
    limit = given.limit
    held = _held_back(state) or (None if limit else "no time left in this round")
    error = None if held else _attempt(channel, notification, limit)
    now = engine.store.clock.now()
    if held is None and error is None:
        due.told(channel.name, now)
        if state.since:
            spool.worked(channel.name, now)
        return
    text = f"{due.step} is kept for {channel.name}: {held or error}"
    logger.warning("%s: %s", due.of, text)
    dropped = spool.keep(channel.name, notification, due.of, due.step, now, text)
    if dropped:
        logger.error("%s: too much is undelivered; the oldest was dropped", channel.name)
    if error is not None:
        _failed(engine, channel.name, error, state, now)


def _held_back(state: ChannelState) -> str | None:
    """Why nothing is sent now. What is new is tried even where the last one was refused: it may be the one that was."""
    if state.refused or not state.undelivered:
        return None
    return f"{state.undelivered} wait before it" + (f" ({state.trouble})" if state.trouble else "")


def _attempt(channel: Channel, notification: Notification, limit: timedelta) -> DeliveryError | None:
    """A channel that is broken itself stops no other."""
    try:
        channel.send(notification, limit)
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever a channel's libraries raise; its text may hold an address
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("channel %s is broken: %s\n%s", channel.name, type(error).__name__, where)  # noqa: TRY400
        return DeliveryError(f"{channel.name}: failed ({type(error).__name__})")
    return None


def _failed(
    engine: Engine,
    channel: str,
    error: DeliveryError,
    state: ChannelState,
    now: datetime,
    spooled: Spooled | None = None,
) -> None:
    if error.retryable:
        again = next_try(now, state.tries, error.retry_after)
    else:
        again = next_after_refusal(now, spooled.at if spooled else now, error.retry_after)
        logger.error("channel %s refuses what is sent to it: %s", channel, error)
    put_back = spooled.entry if spooled and not error.retryable else ""
    engine.store.spool.failed(
        channel, now, again, str(error), refused=not error.retryable, node=engine.node, entry=put_back,
        holder=spooled is not None,
    )  # fmt: skip


def drain(engine: Engine, name: str) -> int:
    """Send what waits for the channel, the oldest first, until one fails. Gives how many got through."""
    channel = next((each for each in engine.channels if each.name == name), None)
    spool, clock = engine.store.spool, engine.store.clock
    if channel is None or spool.claim(name, clock.now(), engine.config.heal.lease) != "go":
        return 0
    given, sent = Round(engine), 0
    while (limit := given.limit) and (first := spool.first(name)) and first.due <= clock.now():
        if clock.now() - first.at > LONGEST_KEPT:
            logger.error("%s: %s of %s was never delivered", name, first.step, first.incident)
            spool.drop(name, first, clock.now())
            continue
        error = _attempt(channel, _late(first, clock.now()), limit)
        if error is not None:
            logger.warning("%s of %s is still kept for %s: %s", first.step, first.incident, name, error)
            _failed(engine, name, error, spool.states([name])[name], clock.now(), first)
            return sent
        spool.done(name, first, clock.now())
        sent += 1
    spool.rest(name, clock.now())
    return sent


def _late(spooled: Spooled, now: datetime) -> Notification:
    told, waited = spooled.notification, now - spooled.at
    if waited < _LATE_AFTER:
        return told
    text = (
        f"Late by {rough_text(waited)}: this is of {spooled.at:%Y-%m-%d %H:%M:%SZ}, and could not be delivered before."
    )
    return replace(told, text=f"{text}\n{told.text}")


def report_channels(engine: Engine) -> None:
    """Say over the other channels that one does not work, and that it works again; on behalf of the node that saw the
    trouble first, whoever is asked to. Costs one read when all is well."""
    spool, now = engine.store.spool, engine.store.clock.now()
    configured = {each.name for each in engine.channels}
    for state in spool.states([*configured, *spool.waiting()]).values():
        if state.node is None:
            continue
        there = engine.at(state.node)
        trouble = _trouble(state, now) if state.name in configured else None
        open_still = report(there, own_target(state.name), trouble)
        if trouble is None and not open_still:
            spool.settle(state.name, now)


def _trouble(state: ChannelState, now: datetime) -> str | None:
    if state.since is None or not (state.refused or now - state.since >= _SAID_AFTER):
        return None
    return f"{state.undelivered} undelivered since {state.since:%Y-%m-%d %H:%M:%SZ}: {state.trouble}"
