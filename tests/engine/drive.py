"""Carries the steps by hand, as guardian/tasks/flow.py has Celery carry them, along a clock that the test moves."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis

from guardian.checks.base import Check
from guardian.config import CheckSection, Config, Sections, load
from guardian.engine import act, flags, tell, verify
from guardian.engine.deliver import drain, report_channels
from guardian.engine.engine import Engine
from guardian.engine.overview import Overview, overview
from guardian.engine.patrol import Patrolled, patrol
from guardian.engine.readings import StoredAcknowledgements, StoredActs
from guardian.engine.sweep import channels, sweep
from guardian.heal.base import Remedy
from guardian.model import Incident, Silence, Stage, Step
from guardian.ports import Ports, TaskStore
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from tests.engine.world import RESTART, ManualClock, Receiver, World, check
from tests.redis_server import RedisServer

NODE = "node-1"
CHECK = "processes"
PATROL, SWEEP = 10, 5
PREFIX = "t:"

_LINKS = tuple(Stage)


class Drive:
    """`config` is TOML. `checks` and `remedies` may be changed before the first look; so may `receivers`."""

    def __init__(self, server: RedisServer, folder: Path) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock)
        self.folder = folder
        self.directory = folder / "requests"
        self.directory.mkdir()
        self.receivers = [Receiver(self.clock, "log")]
        self.store = Store(connect(server.url), PREFIX, Identity(), timedelta(minutes=5), clock=self.clock)
        self.raw = redis.Redis.from_url(server.url, decode_responses=True)
        self.stores: Sequence[TaskStore] = ()
        self.after: Callable[[], None] = lambda: None  # called whenever the clock has moved
        self.configure()

    def close(self) -> None:
        self.store.close()
        self.raw.close()

    def configure(
        self,
        text: str = "",
        checks: Mapping[str, Check] | None = None,
        remedies: Mapping[str, Remedy] | None = None,
        **places: Any,
    ) -> None:
        """Anew, with this configuration and over the same store."""
        checks = checks or {CHECK: check()}
        own = places.get("directory", self.directory)
        self.engine = Engine(
            config=self._config(text, checks, own),
            store=self.store,
            ports=Ports(
                NODE,
                [self.world],
                StoredActs(self.store, NODE),
                self.world,
                acknowledged=StoredAcknowledgements(self.store, NODE),
                flags=self.store.flags,
                tasks=self.stores,
                now=self.clock.now,
            ),
            checks=checks,
            remedies=remedies or {"restart": RESTART},
            channels=self.receivers,
            escalations=own or self.folder / "state" / "escalations",
            summary_file=self.folder / "health.json",
            flags_file=places.get("flags_file"),
        )

    def _config(self, text: str, checks: Mapping[str, Check], directory: Path | None) -> Config:
        head = f'node = "{NODE}"\n'
        on = "".join(f"[checks.{name}]\n" for name in checks if f"[checks.{name}]" not in text)
        where = f"[escalation]\ndirectory = '{directory}'\n" if directory and "[escalation]" not in text else ""
        file = self.folder / "guardian.toml"
        file.write_text(head + text + "\n" + on + where, encoding="utf-8")
        sections = {name: CheckSection(each.title, each.every, each.params) for name, each in checks.items()}
        return load(file, Sections(sections, {}), {})

    # time

    def advance(self, seconds: float) -> None:
        """Patrols every 10 s, sweeps every 5 s, at the full ones of the clock; what follows is carried at once."""
        end = self.clock.seconds + seconds
        while self.clock.seconds < end:
            self.clock.forward(min(SWEEP - self.clock.seconds % SWEEP, end - self.clock.seconds))
            self.after()
            if self.clock.seconds % PATROL == 0:
                for name in self.engine.checks:
                    self.patrol(name)
            if self.clock.seconds % SWEEP == 0:
                self.sweep()

    def until(self, seconds: float) -> None:
        self.advance(seconds - self.clock.seconds)

    def patrol(self, name: str = CHECK) -> Patrolled:
        done = patrol(self.engine, name)
        self.follow(done.steps)
        return done

    def sweep(self) -> None:
        self.follow(sweep(self.engine))
        for name in channels(self.engine):
            drain(self.engine, name)
        report_channels(self.engine)
        if self.engine.flags_file:
            flags.keep(self.engine)

    # the chain

    def follow(self, steps: Sequence[Step]) -> None:
        for step in steps:
            for stage in _LINKS[_LINKS.index(step.stage) :]:
                if not self.link(stage, step):
                    break

    def link(self, stage: Stage, step: Step, engine: Engine | None = None) -> bool:
        """Whether the chain goes on."""
        engine = engine or self.engine
        match stage:
            case Stage.HEAL:
                return act.heal(engine, step.incident, step.attempt, uuid.uuid4().hex)
            case Stage.VERIFY:
                return verify.verify(engine, step.incident, step.attempt)
            case Stage.ALERT:
                return tell.alert(engine, step.incident)
            case Stage.ESCALATE:
                tell.escalate(engine, step.incident)
        return False

    # what came of it

    @property
    def log(self) -> Receiver:
        return self.receivers[0]

    @property
    def told(self) -> list[tuple[str, str]]:
        """(step, target) of what the first channel got."""
        return self.log.told

    @property
    def open(self) -> Sequence[Incident]:
        return self.store.open_incidents()

    @property
    def closed(self) -> Sequence[Incident]:
        """The newest first."""
        return self.store.closed_incidents(1000)

    @property
    def every(self) -> Sequence[Incident]:
        return [*self.open, *self.closed]

    def only(self) -> Incident:
        """The one incident that ever was."""
        (found,) = self.every
        return found

    def of(self, target: str, check: str | None = None) -> Incident:
        """The one incident that this target ever had (by this check)."""
        (found,) = [each for each in self.every if each.key.target == target and check in (None, each.key.check)]
        return found

    def story(self, incident: Incident) -> list[tuple[str, str | None]]:
        """(kind, reason) of each step."""
        return [(step.kind, step.reason) for step in self.store.story(incident.id)]

    def tasks(self, folder: str = "") -> list[dict[str, Any]]:
        return [json.loads(file.read_text("utf-8")) for file in sorted((self.directory / folder).glob("*.task"))]

    def overview(self) -> Overview:
        return overview(self.store, self.engine.config)

    def silence(self, target: str = "*", *, seconds: float, no_heal: bool = False) -> Silence:
        until = self.clock.now() + timedelta(seconds=seconds)
        silence = Silence(uuid.uuid4().hex, "*", target, "*", until, "ann", "deploy", no_heal=no_heal)
        self.store.add_silence(silence)
        return silence

    def leases_run_out(self) -> None:
        """A lease ends by the server's clock, which no test can move: those that are over by ours are ended by hand."""
        for key in self.raw.scan_iter(f"{PREFIX}heal:*"):
            claimed = self.raw.hget(key, "claimed_at")
            lease = self.engine.config.heal.lease
            if claimed and self.clock.now().timestamp() - int(claimed) / 1000 >= lease.total_seconds():
                self.raw.hset(key, "lease_until", 0)

    def configure_store(self, store: Any) -> None:
        """Work goes through this one from now on; what tests read comes from `self.store`."""
        self.engine = replace(self.engine, store=store)

    def through(self, store: Any) -> Engine:
        """The engine with another store in place of its own."""
        return replace(self.engine, store=store)
