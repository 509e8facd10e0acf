"""Whether one part of Guardian works, by the sign of life that it renews in the store: what a container's probe asks.

A sign of life comes from the loop that hands out the work, so a part that runs and does nothing is not well.
"""

import base64
import json
import os
import urllib.request

from guardian import services
from guardian.engine.overview import ALIVE
from guardian.errors import GuardianError
from guardian.runtime.statedir import DEFAULT, redis_url
from guardian.store.store import Store


def worker_trouble(store: Store, node: str, role: str) -> str | None:
    """What is wrong with the worker of this role at this node, or None. Raises StoreError."""
    seen = [each.seen_at for each in store.signs.presences() if (each.node, each.role) == (node, role)]
    if not seen:
        return f"the {role} worker of {node} was never seen"
    silent = store.clock.now() - max(seen)
    return f"the {role} worker of {node} is silent for {silent.total_seconds():.0f} s" if silent >= ALIVE else None


def beat_trouble(store: Store) -> str | None:
    """What is wrong with beat, or None. Raises StoreError."""
    ticked = store.signs.last_beat()
    if ticked is None:
        return "beat was not seen lately"
    silent = store.clock.now() - ticked
    return f"beat is silent for {silent.total_seconds():.0f} s" if silent >= ALIVE else None


def probe(part: str, role: str = "all", node: str | None = None) -> str | None:
    """What is wrong with that part here, by the configuration that it has itself, or None. Never raises for what is
    foreseen: a store that is away is what is wrong."""
    try:
        config = services.load_config(None)
        store = services.open_store(config, redis_url(config, DEFAULT.absolute()), None)
        try:
            return beat_trouble(store) if part == "beat" else worker_trouble(store, node or config.node, role)
        finally:
            store.close()
    except GuardianError as error:
        return str(error)


def flower_trouble(url: str = "http://127.0.0.1:5555", seconds: float = 5) -> str | None:
    """What is wrong with Flower, or None: it has to show a worker that it heard of lately. Its users are those of
    $FLOWER_BASIC_AUTH."""
    request = urllib.request.Request(f"{url}/api/workers?status=true")  # noqa: S310  our own address
    user = os.environ.get("FLOWER_BASIC_AUTH", "").partition(",")[0]
    request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310  as above
            alive = any(json.load(answer).values())
    except (OSError, ValueError) as error:
        return f"Flower: {error}"
    return None if alive else "Flower hears of no worker"
