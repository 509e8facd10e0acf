"""An API's process ends, and before it is started again another program takes its port."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardian.drill.keeper import SandboxError, Staged
from guardian.drill.scenes.base import NO_SUPERVISORS, Ending, Scene
from guardian.drill.scenes.http import free_port

_CONFIG = (
    NO_SUPERVISORS
    + """[checks.gateway.ports.api]
port = {port}
process = "*drill-api.py*"
"""
)
_LISTENER = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as server:
    print("ready", flush=True)
    while True:
        server.accept()[0].close()
"""


@contextmanager
def stage(folder: Path) -> Iterator[Staged]:
    for name in ("drill-api.py", "intruder.py"):
        (folder / name).write_text(_LISTENER)
    port = free_port()
    running = [_listening(folder / "drill-api.py", port)]

    def is_taken() -> None:
        running[0].kill()
        running[0].wait()
        running.append(_listening(folder / "intruder.py", port))

    try:
        words = f"an API on port {port}, whose process ends while another program takes the port"
        yield Staged(_CONFIG.format(port=port), words, is_taken, lambda: _named(folder, running[-1].pid))
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _listening(program: Path, port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, str(program), str(port)], stdout=subprocess.PIPE)
    if process.stdout is None or process.stdout.readline().strip() != b"ready":
        raise SandboxError(f"{program.name} could not listen on port {port}")
    return process


def _named(folder: Path, intruder: int) -> str:
    """The task for the orchestrator says who holds the port."""
    tasks = [json.loads(path.read_bytes()) for path in (folder / "state" / "escalations").glob("*.task")]
    if not tasks:
        raise SandboxError("there is no task for anybody")
    said = str(tasks[0]["symptoms"])
    if f"{intruder}" not in said or "intruder.py" not in json.dumps(tasks[0]):
        raise SandboxError(f"the task does not name process {intruder}: {said}")
    return f"a task that names who holds the port: {said}"


SCENE = Scene("Another program takes an API's port, and is named", "gateway", stage, ending=Ending.TOLD)
