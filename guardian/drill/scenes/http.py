"""A dashboard's process runs, and accepts connections, and answers nobody any more."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Scene

_CONFIG = (
    NO_SUPERVISORS
    + """[checks.dashboard_http]
grace = "1s"
[checks.dashboard_http.endpoints.dashboard]
url = "http://127.0.0.1:{port}/"
timeout = "2s"
json_values = {{ "status" = "ok" }}
restart = ["{python}", "{folder}/restart.py"]
"""
)
_SERVER = """
import http.server, os, signal, sys, time
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}')
    def log_message(self, *_):
        pass
signal.signal(signal.SIGUSR1, lambda *_: time.sleep(3600))  # the one thread hangs
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page)
with open(sys.argv[2] + ".new", "w") as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.serve_forever()
"""
_RESTART = """
import os, pathlib, signal, subprocess, sys
pid = pathlib.Path("{pid}")
os.kill(int(pid.read_text()), signal.SIGKILL)
pid.unlink()
null = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
subprocess.Popen([sys.executable, "{server}", "{port}", "{pid}"], **null, start_new_session=True)
"""


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    port, pid, server = free_port(), folder / "pid", folder / "server.py"
    server.write_text(_SERVER)
    (folder / "restart.py").write_text(_RESTART.format(pid=pid, server=server, port=port))
    started = subprocess.Popen([sys.executable, str(server), str(port), str(pid)])
    try:
        while not pid.exists():
            if started.poll() is not None:
                raise SandboxError("the dashboard ended at once")
        first = started.pid
        words = f"a dashboard on port {port}, process {first}, and a command that restarts it"
        config = _CONFIG.format(port=port, python=sys.executable, folder=folder)
        yield Staged(config, words, lambda: os.kill(first, signal.SIGUSR1), lambda: _answers(port, pid, first))
    finally:
        _end(pid)
        started.kill()
        started.wait()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int, pid: Path, first: int) -> str:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/", timeout=2).text
        now = int(pid.read_text())
    except (requests.RequestException, OSError, ValueError) as error:
        raise SandboxError(f"the dashboard does not answer: {type(error).__name__}") from None
    if now == first:
        raise SandboxError("it was not restarted")
    return f"process {now} in place of {first} answers {answer}"


def _end(pid: Path) -> None:
    """Whoever is the dashboard now."""
    with suppress(OSError, ValueError):
        os.kill(int(pid.read_text()), signal.SIGKILL)


SCENE = Scene("A dashboard hangs, and is restarted by its own command", "dashboard_http", stage)
