"""What the client costs an agent: its import beside `python -c pass`, and one question beside one PING, in one run."""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis

from bench import machine
from guardian import client
from tests.redis_server import RedisServer

IMPORTS, QUESTIONS = 30, 500
TARGET_MS = 50


def _ms(act: Callable[[], object], rounds: int) -> tuple[float, float]:
    """(the least, the median)"""
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        act()
        found.append((time.perf_counter() - begin) * 1000)
    return min(found), statistics.median(found)


def _python(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def run() -> str:
    empty = _ms(_python("pass"), IMPORTS)
    rows = [
        ("python -c pass", empty),
        ("import guardian.client", _ms(_python("import guardian.client"), IMPORTS)),
        ("... and its TaskFolder", _ms(_python("from guardian.client import TaskFolder"), IMPORTS)),
        ("... and its first question", _ms(_python("from guardian import client; client.may_start_task()"), IMPORTS)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            os.environ["GUARDIAN_REDIS_URL"] = server.url
            plain = redis.Redis.from_url(server.url)
            rows.append(("PING", _ms(plain.ping, QUESTIONS)))
            client.may_start_task()
            rows.append(("may_start_task", _ms(client.may_start_task, QUESTIONS)))
            rows.append(("heartbeat", _ms(lambda: client.heartbeat("w1", "t1"), QUESTIONS)))
            assert client.may_start_task().certain
        finally:
            del os.environ["GUARDIAN_REDIS_URL"]
            server.kill()
    lines = [f"{what:28}  {least:8.2f}  {median:8.2f}" for what, (least, median) in rows]
    more = rows[1][1][0] - empty[0]
    machines = f"{os.cpu_count()} cores (load average {machine.load()}), {platform.system()} {platform.machine()}"
    return "\n".join(
        (
            f"{'client, ms':28}  {'least':>8}  {'median':>8}",
            *lines,
            f"importing it takes {more:.1f} ms more than nothing (target {TARGET_MS})",
            f"{machines}, Python {platform.python_version()}",
        )
    )
