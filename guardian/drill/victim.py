"""What a drill may break: a healthy process of this machine that a running Guardian would heal."""

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from guardian import services
from guardian.config import Config
from guardian.drill.keeper import Sandbox
from guardian.drill.sandbox import TARGET
from guardian.engine.engine import Engine, silenced
from guardian.engine.overview import live_nodes, overview
from guardian.errors import GuardianError, NotRunning, SourceError, StoreError
from guardian.model import Key, Mode, Status
from guardian.ports import ProcessState, SupervisedProcess, Supervisor
from guardian.runtime import statedir

CHECK = "process_health"

_POLL_SECONDS = 0.1
_READY_LIMIT = timedelta(seconds=60)
_HEAL_SLACK = timedelta(seconds=20)
"""Beside one patrol: with the default of 10 s a crash is healed within 30 s."""
_VERIFY_SLACK = timedelta(seconds=20)


class DrillError(GuardianError):
    """The drill cannot be held."""


@dataclass(frozen=True)
class Victim:
    """A healthy process and the Guardian that watches it. `pid` is what will be killed."""

    engine: Engine
    supervisor: Supervisor
    target: str
    pid: int

    @property
    def key(self) -> Key:
        return Key(CHECK, self.engine.node, self.target)

    @property
    def heal_limit(self) -> timedelta:
        return self.engine.interval(CHECK) + _HEAL_SLACK

    @property
    def limit(self) -> timedelta:
        """Until it is verified."""
        settings = self.engine.config
        look = max(settings.heal.verify_after, self.engine.interval(CHECK))
        return self.heal_limit + look + settings.worker.sweep_every + _VERIFY_SLACK


def find_victim(config_file: Path | None, state_option: Path | None, target: str) -> Victim:
    """The named process under the Guardian that runs here. Raises DrillError where it would not be healed anyway, or
    something is wrong with it already."""
    config, state = services.load_config(config_file), (state_option or statedir.DEFAULT).absolute()
    engine = _running(config, state)
    _heals(engine, target)
    return _victim(engine, target)


def healthy(box: Sandbox) -> Victim:
    """When Guardian has looked at the process once. So the kill comes right after a look: the longest that seeing it
    can take."""
    config = services.load_config(box.config)
    engine = services.build(config, statedir.redis_url(config, box.state), box.state)
    deadline = time.monotonic() + _READY_LIMIT.total_seconds()
    while not _looked(engine):
        if time.monotonic() > deadline:
            raise DrillError(f"Guardian did not look at its process within {_READY_LIMIT.total_seconds():.0f} s")
        time.sleep(_POLL_SECONDS)
    return _victim(engine, TARGET)


def _looked(engine: Engine) -> bool:
    seen = engine.store.last_look(CHECK, engine.node).states.get(TARGET)
    return seen is not None and seen.status is Status.OK


def _running(config: Config, state: Path) -> Engine:
    """The engine of the Guardian that runs here, seen from outside. Raises NotRunning when none does."""
    start = "start it with `guardian up`"
    url = statedir.redis_url(config, state)
    announced = statedir.client(state)
    if announced and (announced.node, announced.prefix) != (config.node, config.redis.prefix):
        raise DrillError(f"the Guardian in {state} runs with another configuration: name its file with --config")
    engine = services.build(config, url, state)
    try:
        now = overview(engine.store, config)
    except StoreError as error:
        raise NotRunning(f"no Guardian runs here, its store is away ({error}): {start}") from None
    if not now.beat_alive or config.node not in live_nodes(now.workers, now.at):
        raise NotRunning(f"no Guardian looks after {config.node} (beat or its worker is away): {start}")
    return engine


def _heals(engine: Engine, target: str) -> None:
    """Raises DrillError with the reason why it would not."""
    if not engine.config.checks[CHECK].enabled:
        raise DrillError(f"the check {CHECK} is off: Guardian would not see it")
    if engine.rules(CHECK, engine.store.arming()).mode is Mode.OBSERVE:
        raise DrillError("observe mode: Guardian would see it and not heal it")
    key = Key(CHECK, engine.node, target)
    if silenced(key, engine.store.silences(engine.store.clock.now()), heal=True):
        raise DrillError(f"a silence holds the heals of {target}")
    if any(incident.key == key for incident in engine.store.open_incidents()):
        raise DrillError(f"{target} has an open incident: see `guardian explain {target}`")
    seen = engine.store.last_look(CHECK, engine.node).states.get(target)
    if seen is None or seen.status is not Status.OK:
        said = seen.message if seen else "it does not watch it"
        raise DrillError(f"Guardian does not see {target} as healthy: {said}")


def _victim(engine: Engine, target: str) -> Victim:
    for supervisor in engine.ports.supervisors:
        try:
            process = supervisor.find(target)
        except SourceError:
            continue
        if process is not None:
            if process.pid is None or not runs(process):
                raise DrillError(f"{target} is {process.state} already")
            return Victim(engine, supervisor, target, process.pid)
    raise DrillError(f"no supervisor on this machine has {target}")


def runs(process: SupervisedProcess) -> bool:
    return process.state is ProcessState.ONLINE and process.pid is not None
