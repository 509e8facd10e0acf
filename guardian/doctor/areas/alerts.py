"""Alerts: channels that are not there, whose addresses are wrong, or that take nothing."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.errors import ConfigFault, StoreError
from guardian.model import Severity
from guardian.services import address_faults, open_store
from guardian.settings import rough_text
from guardian.store.spool import ChannelState


@dataclass(frozen=True)
class Facts:
    """`channels` are those beside the log. `waiting`: of those that have undelivered ones, and since when they fail."""

    source: str | None
    channels: Sequence[str]
    faults: Sequence[ConfigFault]
    waiting: Sequence[tuple[ChannelState, timedelta | None]]


def gather(installation: Installation) -> Facts | None:
    config = installation.config
    if installation.faults:
        return None
    channels = [*(["webhook"] if config.alerts.webhook else []), *config.alerts.channels]
    return Facts(
        source=config.source,
        channels=channels,
        faults=address_faults(config),
        waiting=_waiting(installation, channels),
    )


def _waiting(installation: Installation, channels: Sequence[str]) -> Sequence[tuple[ChannelState, timedelta | None]]:
    """A store that is away is another area's finding."""
    if installation.url is None:
        return ()
    store = open_store(installation.config, installation.url, None)
    try:
        with suppress(StoreError):
            now, found = store.clock.now(), store.spool.states([*channels, *store.spool.waiting()]).values()
            return [(state, now - state.since if state.since else None) for state in found if state.undelivered]
        return ()
    finally:
        store.close()


def _only_the_log(facts: Facts) -> Iterable[Hit]:
    if facts.source is not None and not facts.channels:
        yield Hit("alerts go to the log alone", "add [alerts.channels.NAME] with url_file (docs/alerts.md)")


def _address(facts: Facts) -> Iterable[Hit]:
    return [Hit(str(fault), "correct it (docs/alerts.md), then: guardian notify test") for fault in facts.faults]


def _gone(facts: Facts) -> Iterable[Hit]:
    for state, _ in facts.waiting:
        if state.name not in facts.channels:
            what = f"{state.undelivered} undelivered for channel {state.name}, which is not configured"
            yield Hit(what, "configure it again, or leave it: what is a week old is given up")


def _failing(facts: Facts) -> Iterable[Hit]:
    for state, since in facts.waiting:
        if state.name in facts.channels and since is not None:
            left, why = f"{state.undelivered} undelivered", f": {state.trouble}" if state.trouble else ""
            what = f"channel {state.name} has taken nothing for {rough_text(since)}, {left}{why}"
            yield Hit(what, f"guardian notify test {state.name}")


AREA = Area(
    "alerts",
    gather,
    (
        Rule("channel_address", Severity.CRITICAL, "the address of a channel cannot be used",
             "Guardian does not start with it", _address),
        Rule("channel_failing", Severity.HIGH, "a channel does not take what is sent to it",
             "nobody hears of what goes wrong", _failing),
        Rule("channel_gone", Severity.WARNING, "something waits for a channel that is not configured any more",
             "it is not delivered", _gone),
        Rule("only_the_log", Severity.WARNING, "no alert channel beside the log",
             "nobody reads a log at two in the morning", _only_the_log),
    ),
)  # fmt: skip
