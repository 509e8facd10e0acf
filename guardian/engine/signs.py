"""Guardian's signs of life, read as the facts that decide/blind judges."""

from datetime import datetime, timedelta

from guardian.config import Config
from guardian.decide.blind import FORGET, Facts, Look, Queue, Worker
from guardian.engine.queues import check_queue, taken_by
from guardian.ports import Clock
from guardian.store.store import Store


def read(store: Store, config: Config, wall: Clock) -> Facts:
    """What is expected follows from who works: the queues of each worker that was seen within a day, and there the
    enabled checks. `wall` is this machine's clock. Raises StoreError."""
    before = wall.now()
    server = store.clock.now()
    off = _off(before, server, wall.now())
    known = [each for each in store.signs.presences() if server - each.seen_at <= FORGET]
    workers = {f"{each.role}@{each.node}": Worker(each.seen_at, taken_by(each.role, each.node)) for each in known}
    queues = sorted({queue for worker in workers.values() for queue in worker.queues})
    canaries, depths = store.signs.canaries(queues), store.queue_depths(queues)
    nodes = sorted({each.node for each in known if check_queue(each.node) in taken_by(each.role, each.node)})
    every = {name: check.interval for name, check in config.checks.items() if check.enabled}
    looked = store.signs.looked_at((check, node) for check in every for node in nodes)
    return Facts(
        at=server,
        beat=store.signs.last_beat(),
        workers=workers,
        queues={queue: Queue(canaries[queue], depths[queue]) for queue in queues},
        looks={f"{check}@{node}": Look(at, every[check], check_queue(node)) for (check, node), at in looked.items()},
        clock_off=off,
    )


def _off(before: datetime, server: datetime, after: datetime) -> timedelta:
    """How far this clock is ahead; zero while the server's time lies within the asking."""
    if before > server:
        return before - server
    return min(after - server, timedelta(0))
