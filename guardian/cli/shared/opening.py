"""How a command reaches the Guardian that runs: the configuration, then the store that it names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `guardian --help` stays quick
    from guardian.config import Config
    from guardian.store.store import Store


@dataclass(frozen=True)
class Reached:
    """A Guardian as a command finds it. `store` connects at first use."""

    config: "Config"
    state: Path
    url: str
    store: "Store"


@contextmanager
def reached(config: Path | None, state: Path | None) -> Iterator[Reached]:
    """Makes nothing: no state directory, nothing in the store. Raises ConfigError, and NotRunning."""
    from guardian import services
    from guardian.runtime import statedir

    loaded = services.load_config(config)
    folder = (state or statedir.DEFAULT).absolute()
    url = statedir.redis_url(loaded, folder)
    store = services.open_store(loaded, url, None)
    try:
        yield Reached(loaded, folder, url, store)
    finally:
        store.close()
