"""How long a supervisor takes by itself, without Guardian, to run an app again after `kill -9`.

Each is measured beside the others, and over several daemons where one is slow: they wait most of the time. Nobody asks
them anything meanwhile, since a question wakes supervisord up.
"""

import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.apps import App
from bench.figures import Row
from bench.lanes import Crash, Lane, in_groups, kill
from tests import real_monit
from tests.real_monit import running_monit
from tests.real_pm2 import running_pm2, wait_for
from tests.real_supervisord import running_supervisord

_APPS = 5
_PAUSE = (0.2, 1.2)
"""A whole second apart: at any moment of a cycle of 1 s."""


@dataclass(frozen=True)
class Peer:
    title: str
    daemons: int
    running: Callable[[], AbstractContextManager[Any]]
    options: Mapping[str, object] = field(default_factory=dict)
    hindrance: Callable[[], str | None] = lambda: None


PEERS = (
    Peer("PM2 itself (autorestart true)", 1, running_pm2),
    Peer("supervisord itself (autorestart=true)", 2, running_supervisord, {"autorestart": "true"}),
    Peer("Monit (cycle of 1 s)", 4, running_monit, hindrance=real_monit.hindrance),
)


def rows(count: int, dice: random.Random) -> Sequence[Row]:
    reasons = [peer.hindrance() for peer in PEERS]
    with ExitStack() as stack:
        groups = [[] if reason else _lanes(peer, stack) for peer, reason in zip(PEERS, reasons, strict=True)]
        found = in_groups(groups, count, dice)
    return [_row(*facts) for facts in zip(PEERS, found, reasons, strict=True)]


def _lanes(peer: Peer, stack: ExitStack) -> Sequence[Lane]:
    lanes = []
    for _ in range(peer.daemons):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gp-")))
        apps = [App(f"agent-{number}", folder) for number in range(_APPS)]
        daemon = stack.enter_context(peer.running())
        daemon.start_all({app.name: app.script for app in apps}, **peer.options)
        wait_for("its apps run", lambda apps=apps: all(app.starts() for app in apps), 60)
        lanes.append(Lane(apps, kill, _PAUSE))
    return lanes


def _row(peer: Peer, found: Sequence[Crash], reason: str | None) -> Row:
    remark = f"not measured: {reason}" if reason else ""
    return Row(f"{peer.title}: running again", [crash.running for crash in found], remark=remark)
