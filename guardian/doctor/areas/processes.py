"""Guardian's own processes, by their signs of life: too few, too many, or not of one version."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guardian import __version__
from guardian.config import Config
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.engine.overview import ALIVE, live_queues
from guardian.engine.queues import check_queue, heal_queue, own_queue
from guardian.errors import StoreError
from guardian.model import Severity
from guardian.services import open_store
from guardian.settings import rough_text
from guardian.store.store import Store
from guardian.store.values import Presence, ProcessSign

_BEAT = "beat"
_PAUSE = 0.25
_WATCH_LOOKS = 3
"""Of the watch that may fail to come before it counts as gone."""


@dataclass(frozen=True)
class Watched:
    """`seen_at`: the last sign of any node's watch."""

    seen_at: datetime | None
    alive: bool


@dataclass(frozen=True)
class Facts:
    """`signs` are those of processes that live. `beats` are those that gave two signs while we looked on, where there
    was more than one at first: one that was started anew is not two. `own_checks`: there are some, and they are on.
    `watch` is None where none is wanted. `stuck`: queues that a worker takes from, and how long no canary came through.
    """

    node: str
    now: datetime
    version: str
    beat: datetime | None
    beats: Sequence[ProcessSign]
    workers: Sequence[Presence]
    signs: Sequence[ProcessSign]
    own_checks: bool = False
    watch: Watched | None = None
    stuck: Mapping[str, timedelta] = field(default_factory=dict)


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
    now, signs, beat, workers = (
        store.clock.now(),
        store.signs.processes(),
        store.signs.last_beat(),
        store.signs.presences(),
    )
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
        own_checks=any(check.own and check.enabled for check in installation.config.checks.values()),
        watch=_watch(store, installation.config, now),
        stuck=_stuck(store, installation.config, live_queues(workers, now), now),
    )


def _watch(store: Store, config: Config, now: datetime) -> Watched | None:
    if not config.watch.enabled:
        return None
    last = max((each.seen_at for each in store.signs.watches(now)), default=None)
    return Watched(last, alive=last is not None and now - last < max(ALIVE, _WATCH_LOOKS * config.watch.every))


def _stuck(store: Store, config: Config, queues: Sequence[str], now: datetime) -> Mapping[str, timedelta]:
    """Of those through which one came before: all may just be starting."""
    seen = store.signs.canaries(queues)
    return {queue: now - at for queue, at in seen.items() if at is not None and now - at > config.watch.blind_after}


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
    taken, node = live_queues(facts.workers, facts.now), facts.node
    wanted = [("looks", check_queue(node), "check"), ("heals and tells", heal_queue(node), "act")]
    if facts.own_checks:
        wanted.append(("looks by your own checks", own_queue(node), "own"))
    for does, queue, role in wanted:
        if queue not in taken:
            yield Hit(f"no worker of node {node} {does}", f"guardian up, or guardian worker --role {role}")


def _no_watch(facts: Facts) -> Iterable[Hit]:
    if facts.watch is not None and not facts.watch.alive:
        at = facts.watch.seen_at
        last = f"last seen {rough_text(facts.now - at)} ago" if at else "never seen"
        yield Hit(f"no watch runs ({last})", "guardian up, or guardian watch; [watch] enabled = false to do without")


def _stuck_queues(facts: Facts) -> Iterable[Hit]:
    """Beat sends the canaries: without it, there are none, and it is the finding."""
    if facts.beat is None or facts.now - facts.beat >= ALIVE:
        return
    for queue, age in facts.stuck.items():
        what = f"nothing came through queue {queue} for {rough_text(age)}, though a worker takes from it"
        yield Hit(what, "start that worker anew: its processes hang, or have more to do than they can")


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
        Rule("no_watch", Severity.HIGH, "no watch gave a sign of life", "nobody says when Guardian is blind",
             _no_watch),
        Rule("queue_stuck", Severity.HIGH, "a queue is not worked on, though a worker takes from it",
             "what waits in it is not done", _stuck_queues),
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
