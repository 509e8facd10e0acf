"""A small world in memory: processes that a test lets run and die, channels that remember, a clock that it moves.

A check (`processes`) and a cure (`restart`) look at it and act on it through the same ports as the real ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.errors import DeliveryError, RemedyError, SourceError
from guardian.heal.base import Done, Remedy
from guardian.model import Memory, RemedyKind, Status, Verdict
from guardian.ports import Fleet, Notification, Ports, ProcessState, SupervisedProcess
from guardian.settings import Model

SOURCE = "world"
TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "writer.py", line 7, in <module>',
    "UnicodeEncodeError: 'charmap' codec can't encode character '\\u2713' in position 9: character maps to <undefined>",
)


class ManualClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.began = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        self._now = self.began

    def now(self) -> datetime:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    @property
    def seconds(self) -> float:
        return (self._now - self.began).total_seconds()


@dataclass
class App:
    """`lives`: how long each start lasts; None: until a test ends it. With `autorestart` the supervisor starts it anew
    at once, and counts."""

    name: str
    started_at: datetime
    lives: timedelta | None = None
    online: bool = True
    by_hand: str | None = None
    restarts: int = 0
    autorestart: bool = False

    def settle(self, now: datetime) -> None:
        if self.online and self.lives and self.autorestart:
            died = (now - self.started_at) // self.lives
            self.restarts += died
            self.started_at += died * self.lives
        elif self.online and self.lives is not None and now - self.started_at >= self.lives:
            self.online = False


@dataclass
class World:
    """guardian.ports.Supervisor and LogReader over `apps`. `restarted` and `stopped` are the orders that
    were carried out, by the clock's seconds; `before_order` is called first and may raise."""

    clock: ManualClock
    name: str = SOURCE
    apps: dict[str, App] = field(default_factory=dict)
    blind: str | None = None
    restarted: list[tuple[float, str]] = field(default_factory=list)
    stopped: list[tuple[float, str]] = field(default_factory=list)
    logs: Sequence[str] = TRACEBACK
    before_order: Callable[[], None] = lambda: None
    after_order: Callable[[], None] = lambda: None

    def start(self, *names: str, lives: float | None = None, autorestart: bool = False) -> None:
        length = None if lives is None else timedelta(seconds=lives)
        for name in names:
            self.apps[name] = App(name, self.clock.now(), length, autorestart=autorestart)

    def crash(self, *names: str) -> None:
        for name in names:
            self.apps[name].online = False

    def recover(self, *names: str, lives: float | None = None) -> None:
        """Running again, by somebody else's doing."""
        self.start(*names, lives=lives)

    def dies_at_once(self, *names: str) -> None:
        """From now on no start of it lasts."""
        for name in names:
            self.apps[name].lives = timedelta(0)

    def online(self, name: str) -> bool:
        self.apps[name].settle(self.clock.now())
        return self.apps[name].online

    # Supervisor

    def look(self) -> Sequence[Fleet]:
        return [Fleet(self.name, [self._seen(app) for app in self.apps.values()], "daemon", self.blind)]

    def find(self, target: str) -> SupervisedProcess | None:
        if self.blind is not None:
            raise SourceError(self.name, self.blind)
        return self._seen(self.apps[target]) if target in self.apps else None

    def restart(self, target: str) -> None:
        self.before_order()
        app = self.apps[target]
        app.online, app.started_at, app.restarts = True, self.clock.now(), app.restarts + 1
        self.restarted.append((self.clock.seconds, target))
        self.after_order()

    def stop(self, target: str) -> None:
        self.before_order()
        self.apps[target].online = False
        self.stopped.append((self.clock.seconds, target))
        self.after_order()

    def _seen(self, app: App) -> SupervisedProcess:
        app.settle(self.clock.now())
        return SupervisedProcess(
            target=app.name,
            state=ProcessState.ONLINE if app.online else ProcessState.STOPPED,
            pid=4711 if app.online else None,
            restarts=app.restarts,
            started_at=app.started_at,
            created_at=None,
            exit_code=None if app.online else 1,
            autorestart=app.autorestart,
            stopped_by_hand=app.by_hand,
            logs=[f"/logs/{app.name}.log"],
        )

    # LogReader

    def tail(self, paths: Sequence[str], lines: int) -> Sequence[str]:
        return list(self.logs)[-lines:] if paths else []

    def times(self, name: str) -> list[float]:
        """When Guardian restarted it."""
        return [at for at, target in self.restarted if target == name]


@dataclass
class Receiver:
    """A channel that keeps what it was told, by the clock's seconds, or refuses while `down`. `meanwhile` is
    called while it is being told."""

    clock: ManualClock
    name: str
    down: bool = False
    meanwhile: Callable[[], None] = lambda: None
    tried: list[float] = field(default_factory=list)
    got: list[tuple[float, Notification]] = field(default_factory=list)

    def send(self, notification: Notification, limit: timedelta) -> None:
        self.tried.append(self.clock.seconds)
        self.meanwhile()
        if self.down:
            raise DeliveryError("no route")
        self.got.append((self.clock.seconds, notification))

    @property
    def told(self) -> list[tuple[str, str]]:
        """(step, target), in order."""
        return [(notification.step, notification.target) for _, notification in self.got]


class Params(Model):
    expect: tuple[str, ...] = Field((), strict=False)
    """Processes that must be there."""


def probe(ports: Ports, params: Params, only: str | None = None) -> Sequence[SupervisedProcess]:
    fleet = ports.supervisors[0].look()[0]
    if fleet.error is not None:
        raise SourceError(fleet.source, fleet.error)
    return [process for process in fleet.processes if only in (None, process.target)]


def judge(sample: Sequence[SupervisedProcess], params: Params, memory: Memory, now: datetime) -> Judgement:
    found = {process.target for process in sample}
    missing = [
        Verdict(name, Status.FAIL, "missing", ruled_out="it is not there to restart")
        for name in params.expect
        if name not in found
    ]
    return Judgement([*map(_verdict, sample), *missing], {"looks": memory.get("looks", 0) + 1})


def _verdict(process: SupervisedProcess) -> Verdict:
    if process.state is ProcessState.ONLINE:
        return Verdict(process.target, Status.OK, "online")
    if process.stopped_by_hand is not None:
        return Verdict(process.target, Status.SKIPPED, f"stopped by hand: {process.stopped_by_hand}")
    return Verdict(process.target, Status.FAIL, f"stopped, exit code {process.exit_code}", facts={"exit_code": 1})


def evidence(sample: Sequence[SupervisedProcess], target: str) -> TargetEvidence:
    own = [process for process in sample if process.target == target]
    return TargetEvidence({"restarts": own[0].restarts} if own else {}, own[0].logs if own else ())


def act(ports: Ports, target: str) -> Done:
    process = ports.supervisors[0].find(target)
    if process is None:
        raise RemedyError(f"{target} is gone")
    if process.state is ProcessState.ONLINE:
        return Done(False, "found online again")
    ports.supervisors[0].restart(target)
    return Done(True, "restarted")


def already_done(ports: Ports, target: str, claimed_at: datetime) -> bool | None:
    try:
        process = ports.supervisors[0].find(target)
    except SourceError:
        return None
    return None if process is None or process.started_at is None else process.started_at >= claimed_at


def break_circuit(ports: Ports, target: str) -> Done:
    ports.supervisors[0].stop(target)
    return Done(True, "stopped")


def check(**changes: Any) -> Check:
    own: dict[str, Any] = {
        "title": "Processes",
        "every": timedelta(seconds=10),
        "params": Params,
        "probe": probe,
        "judge": judge,
        "evidence": evidence,
        "remedy": "restart",
    }
    return Check(**own | changes)


RESTART = Remedy(RemedyKind.CURE, act, already_done, break_circuit)
