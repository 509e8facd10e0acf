"""The `pm2` command in place of the socket: hundreds of times the CPU; for another protocol.

The command starts a new, empty daemon where none answers: so the socket is asked first if anybody listens.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

from guardian.supervisors.pm2.wire import MAX_ANSWER_BYTES, Connection, WireError, parse

Run = Callable[[Sequence[str], Mapping[str, str], float], tuple[int, bytes]]
"""(arguments, environment, seconds) -> exit code and output. Raises OSError or TimeoutError."""

_VERBS = {"restartProcessId": "restart", "stopProcessId": "stop"}


def run(arguments: Sequence[str], environment: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
    done: subprocess.CompletedProcess[bytes] | None = None
    with suppress(subprocess.TimeoutExpired):  # it has the output, environments included: not chained
        done = subprocess.run(
            arguments, env=environment, timeout=seconds, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    if done is None:
        raise TimeoutError(f"pm2 did not end within {seconds:g} s")
    return done.returncode, done.stdout


class Command:
    """Speaks to the daemon of `home` through `pm2`. `daemon` was read from the socket.

    `seconds` bound all commands together.
    """

    def __init__(self, home: Path, seconds: float, daemon: str | None, runner: Run) -> None:
        self.daemon = daemon
        self._home = home
        self._deadline = monotonic() + seconds
        self._run = runner

    def extend(self, seconds: float) -> None:
        """Give what follows a time limit of its own."""
        self._deadline = monotonic() + seconds

    def call(self, method: str, argument: object) -> Any:
        """The answer to `getMonitorData`; None for an order that was taken."""
        if method == "getMonitorData":
            return _list_in(self._pm2("jlist", sent=False))
        number = argument["id"] if isinstance(argument, dict) else argument
        if any(item.get("name") == str(number) for item in _list_in(self._pm2("jlist", sent=False))):
            raise WireError(f"a process is named {number}: pm2 would take the number for that name", sent=False)
        self._pm2(_VERBS[method], str(number), sent=True)
        return None

    def _pm2(self, *arguments: str, sent: bool) -> bytes:
        environment = {**os.environ, "PM2_HOME": str(self._home), "PM2_NO_INTERACTION": "true"}
        left = self._deadline - monotonic()
        if left <= 0:
            raise WireError(f"no time was left for pm2 {arguments[0]}", sent=False)
        try:
            code, output = self._run(["pm2", "-s", *arguments], environment, left)
        except OSError as error:
            raise WireError(str(error), sent=sent) from None
        if code != 0:  # which does not say how far it came
            raise WireError(f"pm2 {arguments[0]} ended with {code}", sent=sent)
        return output


def _list_in(output: bytes) -> Any:
    """The JSON list in what `pm2 jlist` prints, banners or not."""
    if len(output) > MAX_ANSWER_BYTES:
        raise WireError(f"the answer is too large ({len(output)} bytes)", sent=False)
    lines = [line for line in output.splitlines() if line.startswith(b"[{") or line.strip() == b"[]"]
    if not lines:
        raise WireError("pm2 jlist printed no list", sent=False)
    return parse(lines[-1])


def command_connector(runner: Run = run) -> Callable[[Path, float], Any]:
    @contextmanager
    def connect(home: Path, seconds: float) -> Iterator[Command]:
        with Connection(home / "rpc.sock", seconds) as connection:
            yield Command(home, seconds, connection.daemon, runner)

    return connect


def socket_connector(home: Path, seconds: float) -> Connection:
    return Connection(home / "rpc.sock", seconds)
