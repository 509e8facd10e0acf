"""A real Monit from Debian's package, with a cycle of 1 s: each daemon in its own folder, all gone at the end."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests import debian
from tests.real_daemon import RealDaemon

_CONFIG = """set daemon 1
set log {home}/monit.log
set pidfile {home}/monit.pid
set statefile {home}/monit.state
set idfile {home}/monit.id
"""
_CHECK = """check process {name} with pidfile {home}/{name}.pid
  start program = "/bin/sh {home}/{name}.start"
"""
_START = "setsid /bin/sh -c '/bin/sh {home}/{name}.sh & wait' </dev/null >/dev/null 2>&1 &\n"
"""Its parent waits for the app: left to PID 1 a killed one may stay a zombie for a second, and Monit waits with it."""


def hindrance() -> str | None:
    """Why there is no Monit here, or None."""
    return debian.hindrance({"monit": "monit"})


class RealMonit(RealDaemon):
    """Knows its apps from its start on, and starts them."""

    mark = "MONIT_TEST_HOME"

    def start_all(self, scripts: Mapping[str, str]) -> None:
        """Start the daemon with apps that run these shell texts. Not waited for."""
        checks = []
        for name, script in scripts.items():
            (self.home / f"{name}.sh").write_text(f"echo $$ > {self.home}/{name}.pid\n{script}\n")
            (self.home / f"{name}.start").write_text(_START.format(home=self.home, name=name))
            checks.append(_CHECK.format(home=self.home, name=name))
        config = self.home / "monitrc"
        config.write_text(_CONFIG.format(home=self.home) + "".join(checks))
        config.chmod(0o600)
        program = [str(debian.program("monit")), "-I", "-c", str(config)]
        self.spawn(program, os.environ | {self.mark: str(self.home)}, self.home / "output")


@contextlib.contextmanager
def running_monit() -> Iterator[RealMonit]:
    made = RealMonit(Path(tempfile.mkdtemp(prefix="monit-", dir="/tmp")))
    try:
        yield made
    finally:
        made.close()
