"""500 web addresses and 500 ports, each asked every 10 s by one worker: whether a patrol is missed, and how late it is.

`python -m bench.doors COUNT` is the other side: so many ports, each of which answers any request.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bench import noop
from bench.figures import MEDIAN, MOST, rank
from bench.machine import load
from guardian import services
from guardian.drill.sandbox import guardian
from guardian.model import Status
from guardian.runtime import statedir
from guardian.settings import rough_text
from guardian.store.store import Store
from tests.real_pm2 import wait_for

COUNT, DURATION = 500, timedelta(minutes=5)
INTERVAL = timedelta(seconds=10)
CHECKS = ("dashboard_http", "gateway")
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
_CONFIG = """
[supervisors.pm2]
enabled = false
[supervisors.supervisord]
enabled = false
"""


@dataclass(frozen=True)
class Patrols:
    """Of one check: when each look began that was stored, how long it took, and whether all was well in it."""

    check: str
    at: Sequence[datetime]
    seconds: Sequence[float]
    well: bool

    @property
    def late(self) -> Sequence[float]:
        """Seconds by which a look began later than an interval after the one before."""
        gaps = [after - before for before, after in zip(self.at, self.at[1:], strict=False)]
        return [max((gap - INTERVAL).total_seconds(), 0.0) for gap in gaps]

    @property
    def missed(self) -> int:
        return sum(round((after - before) / INTERVAL) - 1 for before, after in zip(self.at, self.at[1:], strict=False))


def run() -> str:
    patrols, trips = observed(COUNT, DURATION)
    line = "  {:<15} {:>6} {:>7} {:>9} {:>9} {:>9} {:>9}  {}".format
    rows = [
        line(
            each.check,
            len(each.at),
            each.missed,
            *(f"{value:.2f}" for value in _spread(each.seconds)),
            *(f"{value:.2f}" for value in _spread(each.late)),
            "all well" if each.well else "NOT all well",
        )
        for each in patrols
    ]
    return "\n".join(
        [
            f"{COUNT} addresses and {COUNT} ports every 10 s, one worker, {rough_text(DURATION)} (load {load()})",
            line("check", "looks", "missed", "took p50", "p95", "late p50", "p95", ""),
            *rows,
            f"  seconds; a no-op task's round trip in the same run: {rank(trips, MEDIAN) * 1000:.1f} ms",
        ]
    )


def observed(count: int, duration: timedelta) -> tuple[list[Patrols], Sequence[float]]:
    """Over that long, from the first look on; and the round trips of a no-op task over the same server meanwhile."""
    with tempfile.TemporaryDirectory(prefix="gb-") as name, _doors(count) as ports:
        folder = Path(name)
        with guardian(folder, _CONFIG + _sections(ports)):
            config = services.load_config(folder / "guardian.toml")
            url = statedir.redis_url(config, folder / "state")
            with closing(services.open_store(config, url, None)) as store:
                wait_for("it has looked", lambda: all(store.last_look(each, config.node).at for each in CHECKS), 60)
                trips = noop.round_trips(url)
                return _followed(store, config.node, duration), trips


def _followed(store: Store, node: str, duration: timedelta) -> list[Patrols]:
    seen: dict[str, dict[datetime, tuple[float, bool]]] = {check: {} for check in CHECKS}
    end = time.monotonic() + duration.total_seconds()
    while time.monotonic() < end:
        for summary in store.checks([(check, node) for check in CHECKS]):
            seen[summary.check][summary.at] = summary.seconds, summary.status is Status.OK
        time.sleep(0.5)
    return [
        Patrols(check, sorted(looks), [took for took, _ in looks.values()], all(well for _, well in looks.values()))
        for check, looks in seen.items()
    ]


def _sections(ports: Sequence[int]) -> str:
    endpoints = [f'[checks.dashboard_http.endpoints.e{port}]\nurl = "http://127.0.0.1:{port}/"\n' for port in ports]
    return "".join([*endpoints, *(f'[checks.gateway.ports.p{port}]\nport = {port}\nhttp = "/"\n' for port in ports)])


def _spread(values: Sequence[float]) -> tuple[float, float]:
    return rank(values, MEDIAN), rank(values, MOST)


@contextmanager
def _doors(count: int) -> Iterator[list[int]]:
    with subprocess.Popen([sys.executable, "-m", __name__, str(count)], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield [int(port) for port in server.stdout.readline().split()]
        finally:
            server.kill()


async def _serve(count: int) -> None:
    servers = [await asyncio.start_server(_answer, "127.0.0.1", 0) for _ in range(count)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_ANSWER)
    await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
