"""What a bench needs of the supervisor that runs its apps: a real PM2, or a real supervisord."""

import re
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tests.real_pm2 import RealPm2, require_pm2
from tests.real_supervisord import RealSupervisord


class Supervised(Protocol):
    """Apps are started with no restart by the supervisor itself. `section` is its part of guardian.toml."""

    @property
    def section(self) -> Mapping[str, Mapping[str, object]]: ...

    def start_daemon(self) -> int:
        """Its process id."""
        ...

    def start_all(self, scripts: Mapping[str, str]) -> None: ...

    def kill_app(self, app: str) -> None: ...

    def start_by_hand(self, app: str) -> None: ...

    def runs(self, app: str) -> bool: ...

    def pid(self, app: str) -> int: ...

    def signal_daemon(self, with_signal: signal.Signals) -> None: ...

    def kill_daemon(self) -> None: ...

    def logged_starts(self) -> Mapping[str, int]:
        """By app, what its own log says."""
        ...

    def restarts_of_running(self) -> Mapping[str, int]:
        """How often something that ran was stopped or restarted by an order, by app."""
        ...

    def close(self) -> None: ...


class UnderPm2:
    def __init__(self, folder: Path) -> None:
        self.real = RealPm2(require_pm2(), folder)
        self.section = {"supervisors.pm2": {"homes": [str(folder)], "timeout": "1s"}}
        self.section |= {"supervisors.supervisord": {"enabled": False}}

    def start_daemon(self) -> int:
        self.real.start_daemon()
        assert self.real.daemon is not None
        return self.real.daemon.pid

    def start_all(self, scripts: Mapping[str, str]) -> None:
        self.real.start_all(scripts, autorestart=False)

    def kill_app(self, app: str) -> None:
        assert self.pid(app) > 0, f"{app} does not run"  # 0 would be the test's own process group
        self.real.kill_app(app)

    def start_by_hand(self, app: str) -> None:
        self.real.call("restartProcessId", {"id": self.real.entry(app)["pm_id"]})

    def runs(self, app: str) -> bool:
        return self.real.status(app) == "online"

    def pid(self, app: str) -> int:
        return int(self.real.entry(app)["pid"])

    def signal_daemon(self, with_signal: signal.Signals) -> None:
        self.real.signal_daemon(with_signal)

    def kill_daemon(self) -> None:
        self.real.kill_daemon()

    def logged_starts(self) -> Mapping[str, int]:
        log = self.real.log.read_text(errors="replace")
        return Counter(re.findall(r"App \[([^:\]]+):\d+\] starting in", log))

    def restarts_of_running(self) -> Mapping[str, int]:
        if not self.real.answers():
            return {}
        return {entry["name"]: entry["pm2_env"]["restart_time"] for entry in self.real.entries()}

    def close(self) -> None:
        self.real.close()


class UnderSupervisord:
    """`startsecs=0`: an app that dies at once has EXITED, and is not tried again by supervisord."""

    def __init__(self, folder: Path) -> None:
        self.real = RealSupervisord(folder)
        self.section = {"supervisors.supervisord": {"sockets": [str(self.real.socket)], "timeout": "1s"}}
        self.section |= {"supervisors.pm2": {"enabled": False}}

    def start_daemon(self) -> int:
        self.real.start_daemon()
        assert self.real.daemon is not None
        return self.real.daemon.pid

    def start_all(self, scripts: Mapping[str, str]) -> None:
        self.real.start_all(scripts, autorestart="false", startsecs=0)

    def kill_app(self, app: str) -> None:
        self.real.kill_app(app)

    def start_by_hand(self, app: str) -> None:
        self.real.rpc.startProcess(app, False)

    def runs(self, app: str) -> bool:
        return self.real.status(app) == "RUNNING"

    def pid(self, app: str) -> int:
        return int(self.real.info(app)["pid"])

    def signal_daemon(self, with_signal: signal.Signals) -> None:
        self.real.signal_daemon(with_signal)

    def kill_daemon(self) -> None:
        self.real.kill_daemon()

    def logged_starts(self) -> Mapping[str, int]:
        return self._logged("spawned: '([^']+)' with pid")

    def restarts_of_running(self) -> Mapping[str, int]:
        return self._logged(r"stopped: (\S+) \(")

    def _logged(self, pattern: str) -> Mapping[str, int]:
        return Counter(re.findall(pattern, self.real.log.read_text(errors="replace")))

    def close(self) -> None:
        self.real.close()


Kind = Callable[[Path], Any]
