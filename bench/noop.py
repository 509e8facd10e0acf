"""The floor under every task: the round trip of a Celery task that does nothing.

`python -m bench.noop URL` is its worker, of the same pool as Guardian's.
"""

import subprocess
import sys
import time
from collections.abc import Sequence

from celery import Celery

from guardian.app import broker_url

TRIPS = 200

_TASK = "bench.noop"
_WARM_UP = 20


def application(url: str) -> Celery:
    app = Celery(_TASK, broker=broker_url(url), backend=broker_url(url))
    app.conf.update(
        broker_transport_options={"global_keyprefix": "bench:"},
        result_backend_transport_options={"global_keyprefix": "bench:"},
        task_default_queue=_TASK,
        worker_prefetch_multiplier=1,
    )
    app.task(_nothing, name=_TASK)
    return app


def _nothing() -> None:
    pass


def round_trips(url: str, count: int = TRIPS) -> Sequence[float]:
    """Seconds of each `.delay().get()`, over the server at this URL."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as worker:  # fmt: skip
        try:
            task = application(url).tasks[_TASK]
            task.delay().get(timeout=30)
            return [_trip(task) for _ in range(_WARM_UP + count)][_WARM_UP:]
        finally:
            worker.terminate()


def _trip(task: object) -> float:
    begin = time.perf_counter()
    task.delay().get(timeout=10)  # type: ignore[attr-defined]  # Celery's tasks are made at run time
    return time.perf_counter() - begin


if __name__ == "__main__":
    application(sys.argv[1]).Worker(
        pool="prefork", concurrency=1, queues=[_TASK], loglevel="WARNING", quiet=True, without_gossip=True,
        without_mingle=True, without_heartbeat=True,
    ).start()  # fmt: skip
