"""Guardian's own processes, by their signs of life: too few, too many, or not of one version."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guardian import __version__
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.engine.overview import ALIVE
from guardian.errors import StoreError
from guardian.model import Severity
from guardian.services import open_store
from guardian.settings import rough_text
from guardian.store.store import Store
from guardian.store.values import Presence, ProcessSign

_BEAT = "beat"
_PAUSE = 0.25
_LOOKS, _ACTS = ("check", "all"), ("act", "all")


@dataclass(frozen=True)
class Facts:
    """`signs` are those of processes that live. `beats` are those that gave two signs while we looked on, where there
    was more than one at first: one that was started anew is not two."""

    node: str
    now: datetime
    version: str
    beat: datetime | None
    beats: Sequence[ProcessSign]
    workers: Sequence[Presence]
    signs: Sequence[ProcessSign]


def gather(installation: Installation) -> Facts | None:
    if installation.url is None:
        return None
    store = open_store(installation.config, installation.url, None)
    try:
        return _facts(store, installation)
    except StoreError:
        return None  # the area of the server says it
    finally:
        store.close()


def _facts(store: Store, installation: Installation) -> Facts:
    now, signs, beat, workers = store.clock.now(), store.signs.processes(), store.last_beat(), store.presences()
    alive = [sign for sign, at in signs.items() if now - at < ALIVE]
    beats = [sign for sign in alive if sign.role == _BEAT]
    return Facts(
        node=installation.config.node,
        now=now,
        version=__version__,
        beat=beat,
        beats=_lasting(store, signs, installation.around.patience) if len(beats) > 1 else beats,
        workers=workers,
        signs=alive,
    )


def _lasting(store: Store, before: Mapping[ProcessSign, datetime], patience: timedelta) -> Sequence[ProcessSign]:
    """Beats that give another sign; looks on until there are two, and no longer than is bearable."""
    end = time.monotonic() + patience.total_seconds()
    while True:
        after = store.signs.processes()
        renewed = [sign for sign, at in after.items() if sign.role == _BEAT and at > before.get(sign, at)]
        if len(renewed) > 1 or time.monotonic() > end:
            return renewed
        time.sleep(_PAUSE)


def _place(sign: ProcessSign) -> str:
    return f"process {sign.pid} on {sign.host}"


def _no_beat(facts: Facts) -> Iterable[Hit]:
    if facts.beat is None or facts.now - facts.beat >= ALIVE:
        last = f"last seen {rough_text(facts.now - facts.beat)} ago" if facts.beat else "never seen"
        yield Hit(f"beat is away ({last})", "guardian up, or guardian beat")


def _two_beats(facts: Facts) -> Iterable[Hit]:
    if len(facts.beats) > 1:
        places = ", ".join(sorted(map(_place, facts.beats)))
        yield Hit(f"{len(facts.beats)} beats run: {places}", "end all but one")


def _no_worker(facts: Facts) -> Iterable[Hit]:
    roles = {each.role for each in facts.workers if each.node == facts.node and facts.now - each.seen_at < ALIVE}
    for does, enough, role in (("looks", _LOOKS, "check"), ("heals and tells", _ACTS, "act")):
        if not roles.intersection(enough):
            yield Hit(f"no worker of node {facts.node} {does}", f"guardian up, or guardian worker --role {role}")


def _node_gone(facts: Facts) -> Iterable[Hit]:
    seen: dict[str, datetime] = {}
    for each in facts.workers:
        seen[each.node] = max(each.seen_at, seen.get(each.node, each.seen_at))
    for node, at in sorted(seen.items()):
        if node != facts.node and facts.now - at >= ALIVE:
            yield Hit(f"node {node} has no worker (last seen {rough_text(facts.now - at)} ago)",
                      f"guardian worker, on {node}; one that is gone for good is forgotten after 7 days")  # fmt: skip


def _versions(facts: Facts) -> Iterable[Hit]:
    for sign in facts.signs:
        if sign.version != facts.version:
            what = f"{sign.role} of node {sign.node} is Guardian {sign.version}, this is {facts.version}"
            yield Hit(f"{what} ({_place(sign)})", "update it there, and start it anew")


def _one_name(facts: Facts) -> Iterable[Hit]:
    machines: dict[str, dict[str, str]] = {}
    for sign in facts.signs:
        if sign.role != _BEAT:
            machines.setdefault(sign.node, {})[sign.machine] = sign.host
    for node, found in sorted(machines.items()):
        if len(found) > 1:
            yield Hit(f"{len(found)} machines call themselves {node} ({', '.join(sorted(found.values()))})",
                      "give each a `node` of its own in its configuration")  # fmt: skip


AREA = Area(
    "Guardian's processes",
    gather,
    (
        Rule("no_beat", Severity.CRITICAL, "no beat gave a sign of life", "nothing is looked at", _no_beat),
        Rule("no_worker", Severity.CRITICAL, "no worker of this node looks, or heals and tells",
             "nothing is looked at here, or nothing is done about it", _no_worker),
        Rule("two_beats", Severity.HIGH, "more than one beat sends", "everything is looked at twice as often",
             _two_beats),
        Rule("node_twice", Severity.HIGH, "two machines have one node name",
             "each takes the other's looks and heals", _one_name),
        Rule("node_gone", Severity.WARNING, "another node has no worker any more", "nothing is looked at there",
             _node_gone),
        Rule("other_version", Severity.WARNING, "a process of another version works on the same state",
             "one may not understand what the other wrote", _versions),
    ),
)  # fmt: skip
