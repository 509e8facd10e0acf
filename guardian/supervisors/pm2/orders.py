"""Whether a stopped process was told to stop: what PM2's own log says of it.

Polling cannot tell a stop from a crash: both are `stopped`, SIGKILL exits with 0. PM2's log can: an order
writes `Stopping app:NAME id:N` before the exit, a crash does not; a restart writes it and then `starting in`.
What the apps print is not in that file. Measured: docs/supervisors/pm2.md.

Guardian's own stop reads the same as a person's: who gave it is for the caller, who knows its own acts.
"""

import os
import re
import stat
from dataclasses import replace
from pathlib import Path

from guardian.ports import ProcessState
from guardian.supervisors.base import printable
from guardian.supervisors.pm2.processes import Entry

_TAIL_BYTES = 2 * 1024 * 1024
_MAX_TIME = 40


def tail(log: Path) -> bytes:
    """The end of PM2's log; empty when it cannot be read, which is no evidence. Never blocks on a pipe."""
    try:
        descriptor = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        facts = os.fstat(descriptor)
        start = max(0, facts.st_size - _TAIL_BYTES)
        return os.pread(descriptor, _TAIL_BYTES, start) if stat.S_ISREG(facts.st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def told(entry: Entry, log: bytes, *, only_one: bool) -> Entry:
    """With what is known of who stopped it. Stopped without an order, although PM2 restarts it at once, it is seen
    between its end and its next start."""
    by_hand, state = stopped_by_hand(entry, log, only_one=only_one), entry.process.state
    if state is ProcessState.STOPPED and by_hand is None and _leaves_nothing_stopped(entry):
        state = ProcessState.STOPPING
    return replace(entry, process=replace(entry.process, state=state, stopped_by_hand=by_hand))


def stopped_by_hand(entry: Entry, log: bytes, *, only_one: bool) -> str | None:
    """The evidence in words, or None.

    `only_one`: no other process has its name, so that lines from before PM2 renumbered it are about it too.
    """
    if entry.process.state is not ProcessState.STOPPED:
        return None
    if not entry.autostart and entry.process.exit_code is None:
        return "never started: autostart is false"
    name = re.escape(entry.raw_name.encode(errors="replace"))
    number = rb"\d+" if only_one else b"%d" % entry.id
    app = rb"PM2 log: App \[" + name + rb":" + number + rb"\] "
    order = _last(rb"PM2 log: Stopping app:" + name + rb" id:" + number + rb"$", log)
    start = _last(app + rb"starting in ", log)
    if order is not None:
        return f"stopped through PM2{_when(log, order)} (pm2.log)" if start is None or start < order else None
    log_knows_it = start is not None or _last(app + rb"exited with ", log) is not None
    return None if log_knows_it else _by_rule(entry)


def _leaves_nothing_stopped(entry: Entry) -> bool:
    """Whether PM2 starts it anew at once when it ends without an order."""
    process = entry.process
    return (
        process.autorestart is True and process.exit_code is not None and process.exit_code not in entry.stop_exit_codes
    )


def _by_rule(entry: Entry) -> str | None:
    """When the log was flushed or rotated: with autorestart PM2 leaves nothing stopped of its own accord, but
    for the exit codes that it was told to stop at."""
    if not _leaves_nothing_stopped(entry):
        return None
    return "stopped through PM2, time unknown (with autorestart PM2 leaves nothing stopped without an order)"


def _last(pattern: bytes, log: bytes) -> int | None:
    """Where the last such message begins. A name that quotes one is none."""
    last = None
    for match in re.finditer(pattern, log, re.MULTILINE):
        before = _line_before(log, match.start())
        if len(before) <= _MAX_TIME and b"PM2 log" not in before:
            last = match.start()
    return last


def _line_before(log: bytes, position: int) -> bytes:
    return log[log.rfind(b"\n", 0, position) + 1 : position]


def _when(log: bytes, position: int) -> str:
    """The time as PM2 wrote it, not parsed: its format is configurable and has no offset by default."""
    stamp = _line_before(log, position).decode(errors="replace").strip(" :")
    return f" at {printable(stamp)}" if stamp else ""
