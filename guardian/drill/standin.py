"""A small process supervisor in PM2's place, for machines without PM2: `guardian drill` breaks what it runs.

`python -m guardian.drill.standin HOME SPEC.json`, with SPEC `{"apps": [{"name": "api", "command":
["sleep", "9"], "autorestart": true, "max_restarts": 16}]}`. It speaks PM2's protocol on `HOME/rpc.sock`, tells of
what happens on `HOME/pub.sock`, and keeps states, counters and the lines of `HOME/pm2.log` as PM2 7.0.4 does (measured
against it). What differs:
an app's leftover children end with it; apps write their log files themselves, so `reloadLogs` has nothing to
reopen; memory and CPU are not told.

All of it ends on SIGTERM, SIGINT, and when its parent is gone: its standard input, a pipe from the parent,
ends then.
"""

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from guardian.drill import standin_rpc
from guardian.drill.standin_bus import Bus
from guardian.drill.standin_rpc import Refused

KILL_TIMEOUT_SECONDS = 1.6
_MIN_UPTIME_MS = 1000
_VERSION = "7.0.4-standin"


@dataclass(frozen=True)
class Spec:
    """An app to run. `max_restarts`: so many exits within a second of their start, and it is given up."""

    name: str
    command: Sequence[str]
    autorestart: bool = True
    max_restarts: int = 16


class Log:
    """`HOME/pm2.log`, in PM2's format: local time without offset."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, text: str, level: str = "log") -> None:
        stamp = datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S")
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp}: PM2 {level}: {text}\n")


class App:
    """One app and its process, which leads a process group of its own. `status` is a word of PM2's."""

    def __init__(self, number: int, spec: Spec, home: Path, log: Log, bus: Bus) -> None:
        self.spec = spec
        self.status = "stopped"
        self.pid = 0
        self._number = number
        self._restarts = 0
        self._unstable = 0
        self._exit_code: int | None = None
        self._started_at = 0
        self._created_at: int | None = None
        self._retired = False
        self._home = home
        self._log = log
        self._bus = bus
        self._label = f"App [{spec.name}:{number}]"
        self._paths = [home / "logs" / f"{spec.name}-{stream}.log" for stream in ("out", "error")]
        self._watcher: asyncio.Task[None] | None = None
        self._launching = asyncio.Lock()

    def entry(self) -> Mapping[str, Any]:
        """As `getMonitorData` lists it."""
        env = {
            "pm_id": self._number,
            "status": self.status,
            "restart_time": self._restarts,
            "unstable_restarts": self._unstable,
            "pm_uptime": self._started_at,
            "created_at": self._created_at,
            "exec_mode": "fork_mode",
            "pm_out_log_path": str(self._paths[0]),
            "pm_err_log_path": str(self._paths[1]),
            **asdict(self.spec),
        }
        if self._exit_code is not None:
            env["exit_code"] = self._exit_code
        return {"pid": self.pid, "name": self.spec.name, "pm_id": self._number, "pm2_env": env}

    async def start(self) -> None:
        """Raises Refused when it runs, or its last process is not gone yet."""
        if self.status in ("online", "launching"):
            raise Refused("process already online" if self.status == "online" else "process already started")
        if self.pid or self._retired or self._launching.locked():
            raise Refused(f"Process with pid {self.pid} already exists")
        await self._spawn()

    async def stop(self) -> None:
        if self.status == "stopped":
            return
        self._log(f"Stopping app:{self.spec.name} id:{self._number}")
        self.status = "stopping"
        async with self._launching:
            pass  # a process that is being launched is there now
        if self.pid and self._watcher is not None:
            await self._kill(self.pid, self._watcher)
        if self.status in ("stopping", "errored"):  # else another order has gone on to start it
            self.status = "stopped"
            self._tell("exit")

    async def restart(self) -> None:
        """Raises Refused as `start`."""
        self._created_at, self._unstable = _milliseconds(), 0
        if self.status in ("online", "launching"):
            await self.stop()
            self._restarts += 1
        await self.start()

    async def reset(self) -> None:
        self._created_at, self._unstable, self._restarts = _milliseconds(), 0, 0

    async def retire(self) -> None:
        """Stop it for good: nothing starts it again, whatever order is under way."""
        self._retired = True
        await self.stop()

    async def _spawn(self) -> None:
        self.status = "launching"
        self._started_at = _milliseconds()
        self._created_at = self._created_at or self._started_at
        self._log(f"{self._label} starting in -fork mode-")
        try:
            async with self._launching:
                process = await self._launch()
                self.pid = process.pid
                self._watcher = asyncio.create_task(self._watch(process))
        except (OSError, ValueError) as error:
            self.status = "errored"
            self._log(f"{self._label} cannot be started: {error}", "error")
            return
        if self.status == "launching":  # else told to stop meanwhile
            self.status = "online"
            self._log(f"{self._label} online")
            self._tell("online")

    async def _launch(self) -> asyncio.subprocess.Process:
        with self._logs() as (out, err):
            return await asyncio.create_subprocess_exec(
                *self.spec.command, cwd=self._home, stdin=asyncio.subprocess.PIPE, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip

    @contextmanager
    def _logs(self) -> Iterator[Sequence[IO[bytes]]]:
        with ExitStack() as stack:
            yield [stack.enter_context(path.open("ab")) for path in self._paths]

    async def _kill(self, pid: int, watcher: "asyncio.Task[None]") -> None:
        _signal_group(pid, signal.SIGINT)
        done, _ = await asyncio.wait([watcher], timeout=KILL_TIMEOUT_SECONDS)
        if not done:
            self._log(f"Process with pid {pid} still alive after 1600ms, sending SIGKILL")
            _signal_group(pid, signal.SIGKILL)
            await asyncio.wait([watcher])
        self._log(f"pid={pid} msg=process tree killed (1 pids)")

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        _signal_group(process.pid, signal.SIGKILL)  # its leftovers, whose group still has its number
        self.pid, self._exit_code = 0, max(code, 0)
        # PM2 says SIGINT where there was no signal
        name = signal.Signals(-code).name if code < 0 else "SIGINT"
        self._log(f"{self._label} exited with code [{self._exit_code}] via signal [{name}]")
        ordered = self.status == "stopping"
        if not ordered:
            self.status = "stopped"
        given_up = self._gives_up()
        if given_up:
            self.status, self._unstable, self._created_at = "errored", 0, None
            self._tell("restart overlimit")
        self._tell("exit")
        if self.spec.autorestart and not ordered and not given_up:
            self._restarts += 1
            await self._spawn()

    def _tell(self, event: str) -> None:
        self._bus.tell(event, _milliseconds(), self.entry())

    def _gives_up(self) -> bool:
        """PM2 counts only exits soon after the creation: what begins to crash later is restarted for ever."""
        now, limit = _milliseconds(), self.spec.max_restarts
        young = now - (self._created_at or 0) < _MIN_UPTIME_MS * limit
        self._unstable += young and now - self._started_at < _MIN_UPTIME_MS
        if self._unstable < limit:
            return False
        self._log(f'{self._label} had too many unstable restarts ({self._unstable}). Stopped. "errored"')
        return True


class Standin:
    """All apps, and the orders to them."""

    def __init__(self, home: Path, specs: Sequence[Spec]) -> None:
        self._log = Log(home / "pm2.log")
        self.bus = Bus()
        self._apps = {str(number): App(number, spec, home, self._log, self.bus) for number, spec in enumerate(specs)}

    async def start(self) -> None:
        for app in self._apps.values():
            await app.start()

    async def end(self) -> None:
        await asyncio.gather(*(app.retire() for app in self._apps.values()))

    async def do(self, method: str, argument: object) -> object:
        """What a client called. Raises Refused."""
        match method:
            case "getMonitorData":
                return self._entries()
            case "getVersion":
                return _VERSION
            case "ping":
                return {"msg": "pong"}
            case "reloadLogs":
                self._log("Reloading logs...")
                return {}
            case "restartProcessId":
                await self._app(argument).restart()
            case "startProcessId":
                await self._app(argument).start()
            case "stopProcessId":
                await self._app(argument).stop()
            case "resetMetaProcessId":
                await self._app(argument).reset()
                return self._entries()
            case _:
                raise Refused(f'method "{method}" does not exist')
        return self._app(argument).entry()

    def _app(self, argument: object) -> App:
        number = argument.get("id") if isinstance(argument, dict) else argument
        try:
            return self._apps[str(number)]
        except KeyError:
            raise Refused(f"{number} id unknown") from None

    def _entries(self) -> Sequence[Mapping[str, Any]]:
        return [app.entry() for app in self._apps.values()]


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS: not permitted on a group of zombies
        os.killpg(pid, number)


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def read_specs(text: str) -> Sequence[Spec]:
    """Raises ValueError. A name is a file's name too."""
    try:
        specs = [Spec(**app) for app in json.loads(text)["apps"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no list of apps: {error}") from None
    names = [spec.name for spec in specs]
    if len(set(names)) != len(names) or any(not name or set("/\0") & set(name) for name in names):
        raise ValueError("each app needs a name of its own, without a slash")
    if any(not isinstance(spec.command, list) or not spec.command for spec in specs):
        raise ValueError("each command is a list of a program and its arguments")
    return specs


async def run(home: Path, specs: Sequence[Spec]) -> None:
    """Until told to end. Raises OSError; FileExistsError where another daemon is at home, alive or not."""
    path, bus = home / "rpc.sock", home / "pub.sock"
    if path.exists():
        raise FileExistsError(f"{path} exists: a daemon's home is not taken over")
    (home / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    threading.Thread(target=_wait_for_parent, args=(loop, over), daemon=True).start()
    standin = Standin(home, specs)
    servers = [
        await asyncio.start_unix_server(standin.bus.serve, bus),
        await asyncio.start_unix_server(standin_rpc.server(standin.do), path),
    ]
    try:
        for each in (bus, path):
            each.chmod(0o600)
        await standin.start()
        await over.wait()
    finally:
        for server in servers:
            server.close()
        for each in (path, bus):
            each.unlink(missing_ok=True)
        await standin.end()


def _wait_for_parent(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    with suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    with suppress(RuntimeError):  # the loop is closed: over already
        loop.call_soon_threadsafe(over.set)


def main(arguments: Sequence[str]) -> int:
    try:
        home, file = map(Path, arguments)
        asyncio.run(run(home, read_specs(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError) as error:
        print(f"standin HOME SPEC.json: {error}", file=sys.stderr)  # noqa: T201  a program of its own
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
