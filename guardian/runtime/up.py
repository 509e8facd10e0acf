"""`guardian up`: the whole of Guardian in the foreground, out of one parent process."""

import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from celery import Celery

from guardian import __version__, services
from guardian.app import Role
from guardian.config import Config
from guardian.runtime import journal, statedir
from guardian.runtime.beat import run_beat
from guardian.runtime.embedded import EmbeddedServer
from guardian.runtime.flower import Door, announced, run_flower
from guardian.runtime.listener import hastened, run_listener
from guardian.runtime.node import has_own_checks, prepare, run_worker
from guardian.runtime.statedir import Client
from guardian.runtime.supervise import Forked, Lifeline, Part, Supervisor
from guardian.runtime.watch import run_watch
from guardian.store.store import Store

View = Callable[[Config, Store, Path], AbstractContextManager[Callable[[], None]]]
"""Given what to show, gives what shows it anew; called about once a second. Leaving it ends the showing."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Run:
    """What the parts of one run have in common."""

    config: Config
    state: Path
    url: str
    log: Path | None
    lifeline: Lifeline
    app: Celery

    def worker(self, role: Role) -> Forked:
        return self._part(role, lambda store: run_worker(self.app, self.config, store, role))

    def beat(self) -> Forked:
        return self._part("beat", lambda store: run_beat(self.app, self.config, store))

    def listener(self) -> Forked:
        return self._part("listener", lambda store: run_listener(self.app, self.config, store, self.state))

    def watch(self) -> Forked:
        return self._part("watch", lambda _: run_watch(self.config, self.url, self.state))

    def flower(self, door: Door) -> Forked:
        return self._part("flower", lambda _store: run_flower(self.app, door))

    def store(self) -> Store:
        return services.open_store(self.config, self.url, self.state)

    def _part(self, name: str, run: Callable[[Store], int]) -> Forked:
        def in_child() -> int:
            if self.log:
                journal.redirect_output(self.log)
            return run(self.store())

        return Forked(name, in_child, self.lifeline)


def up(config: Config, state: Path, view: View | None = None, door: Door | None = None) -> None:
    """Run until asked to end; then nothing is left: no process, no socket, no lock. With a `door`, Flower runs too.

    With a `view`, the processes log to `<state>/guardian.log`; without, to stderr. Raises AlreadyRunning, and
    ServerError when no server can be run.
    """
    with ExitStack() as stack:
        _end_in_order()
        lock = stack.enter_context(statedir.held(state))
        log = state / "guardian.log" if view else None
        journal.begin(log)
        server, url = _redis(config, state)
        for line in hello(config, state, server):
            logger.info("%s", line)
        if server:
            stack.callback(server.stop)
        lifeline = stack.enter_context(closing(Lifeline([lock])))
        run = _Run(config, state, url, log, lifeline, preload(config, url, state))
        stack.enter_context(statedir.announced(state, _client(config, state, url)))
        if door:
            stack.enter_context(announced(state, door))
        _supervise(run, server, view, door)
        logger.info("stopped")


def _end_in_order() -> None:
    """While it starts, a signal unwinds the stack; the supervisor of the parts has its own way later."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))


def _supervise(run: _Run, server: EmbeddedServer | None, view: View | None, door: Door | None) -> None:
    roles = [Role.CHECK, *([Role.OWN] if has_own_checks(run.config) else []), Role.ACT, Role.SCAN]
    work: list[Part] = [run.worker(role) for role in roles]
    first: list[list[Part]] = [[server]] if server else []
    with view(run.config, run.store(), run.state) if view else nullcontext(lambda: None) as show:

        def tick() -> None:
            if run.log:
                journal.rotate(run.log)
            show()

        listens = run.config.listener.enabled and hastened(run.config)
        beside = [run.beat(), run.listener()] if listens else [run.beat()]
        last: list[list[Part]] = [[run.watch()]] if run.config.watch.enabled else []
        shown: list[list[Part]] = [[run.flower(door)]] if door else []
        Supervisor([*first, work, beside, *last, *shown]).run(tick)


def preload(config: Config, url: str, state: Path) -> Celery:
    """Everything that the children share, imported once. Frozen, so that collecting garbage copies no page of it."""
    app = prepare(config, url, state)
    gc.collect()
    gc.freeze()
    return app


def hello(config: Config, state: Path, server: EmbeddedServer | None) -> list[str]:
    """What a person wants to know at the start."""
    return [
        f"Guardian {__version__}, node {config.node}",
        f"config: {config.source}" if config.source else "no config file: every check is skipped",
        f"state: {state}",
        f"Redis: embedded, {server.socket}" if server else "Redis: as configured",
    ]


def _redis(config: Config, state: Path) -> tuple[EmbeddedServer | None, str]:
    if config.redis.url:
        return None, config.redis.url.get_secret_value()
    server = EmbeddedServer(state)
    return server, server.url


def _client(config: Config, state: Path, url: str) -> Client:
    return Client(url=url, prefix=config.redis.prefix, flags=str(services.flags_file(config, state)), node=config.node)
