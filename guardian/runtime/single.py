"""One part alone in this process: what `guardian worker` and `guardian beat` have in common."""

from collections.abc import Callable
from pathlib import Path

from celery import Celery

from guardian import services
from guardian.config import Config
from guardian.runtime import journal, statedir
from guardian.runtime.node import prepare
from guardian.runtime.statedir import redis_url
from guardian.store.store import Store


def single(
    config: Path | None, state: Path | None, node: str | None, run: Callable[[Celery, Config, Store], int]
) -> int:
    """Run it against the configured Redis, else against the `up` that runs in the state directory."""
    folder = statedir.prepare(state)
    loaded = services.load_config(config)
    services.check_addresses(loaded)
    if node:
        loaded = loaded.model_copy(update={"node": node})
    url = redis_url(loaded, folder)
    journal.begin(None)
    return run(prepare(loaded, url, folder), loaded, services.open_store(loaded, url, folder))
