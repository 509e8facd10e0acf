"""Guardian's parts as they write their signs of life, a watch over them, and channels that remember, and fail on order.

A real server; time is simulated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from guardian import services
from guardian.config import Config
from guardian.decide.occurrences import Occurrence
from guardian.engine.watch import Watch
from guardian.errors import DeliveryError
from guardian.model import Status
from guardian.ports import Notification
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from guardian.store.values import Look
from tests.engine.world import ManualClock
from tests.redis_server import RedisServer

EVERY = 5.0
QUEUES = ("check.n", "heal.n", "tell")


@dataclass
class Channel:
    """Takes what it is sent, unless it is `down`."""

    name: str = "log"
    got: list[Notification] = field(default_factory=list)
    down: bool = False
    tried: int = 0

    def send(self, notification: Notification, limit: timedelta) -> None:
        self.tried += 1
        if self.down:
            raise DeliveryError(f"{self.name}: answered 503")
        self.got.append(notification)

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(each.step, each.target) for each in self.got]


class World:
    """Guardian's parts as they write their signs, and a watch. `stopped`: parts that write nothing."""

    def __init__(self, server: RedisServer, folder: Path) -> None:
        self.server, self.clock = server, ManualClock()
        (folder / "guardian.toml").write_text(
            f'node = "n"\n[redis]\nurl = "{server.url}"\n[checks.process_health]\n[watch]\nevery = "5s"\n'
        )
        self.config: Config = services.load_config(folder / "guardian.toml")
        self.stopped: set[str] = set()
        self.kept: Sequence[Occurrence] = ()
        self._stores: list[Store] = []
        self.store = self.connected()
        self.channel, self.other = Channel(), Channel("webhook")
        self.watch = self.new_watch()

    def connected(self, answer: float = 0.5) -> Store:
        made = Store(
            connect(self.server.url, answer), self.config.redis.prefix, Identity(None), timedelta(0), self.clock
        )
        self._stores.append(made)
        return made

    def close(self) -> None:
        for each in self._stores:
            each.close()

    def new_watch(self, *channels: Channel) -> Watch:
        """As after a restart: knows what was kept, and nothing more."""
        used = channels or (self.channel, self.other)
        return Watch(self.config, self.connected(), used, self.clock, self._keep, self.kept)

    def _keep(self, told: Sequence[Occurrence]) -> None:
        self.kept = list(told)

    def work(self) -> None:
        """What is due by now, as the real parts write it."""
        second = self.clock.seconds
        if second % 5 == 0:
            if "beat" not in self.stopped:
                self.store.signs.beat_ticked(self.clock.now())
            for role in ("check", "act"):
                if role not in self.stopped:
                    self.store.signs.node_seen("n", role)
        if second % 10 == 0 and "beat" not in self.stopped:
            for queue in set(QUEUES) - self.stopped - self.dead():
                self.store.signs.canary_seen(queue)
            if not {"check", "check.n", "process_health"} & self.stopped:
                self.look()

    def dead(self) -> set[str]:
        """Queues of workers that are stopped."""
        served = {"check": {"check.n"}, "act": {"heal.n", "tell"}}
        return {queue for role, queues in served.items() if role in self.stopped for queue in queues}

    def look(self) -> None:
        version = self.store.last_look("process_health", "n").version
        look = Look("process_health", "n", self.clock.now(), version, {}, Status.OK, "well", 0.1, (), {})
        assert self.store.record(look).won

    def run(self, seconds: float, *watches: Watch, working: bool = True) -> None:
        """Steps of the watches, each EVERY seconds, with the parts at work in between."""
        for _ in range(int(seconds / EVERY)):
            if working:
                self.work()
            for watch in watches or (self.watch,):
                watch.step(self.clock.now())
            self.clock.forward(EVERY)
