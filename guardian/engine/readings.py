"""What the store knows and a probe may ask: readings of Guardian's own doing, and of people's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from guardian.model import OwnAct
from guardian.store.store import Store


@dataclass(frozen=True)
class StoredActs:
    """guardian.ports.OwnActs."""

    store: Store
    node: str

    def recent(self) -> Sequence[OwnAct]:
        return tuple(self.store.acts(self.node))


@dataclass(frozen=True)
class StoredAcknowledgements:
    """guardian.ports.Acknowledged."""

    store: Store
    node: str

    def targets(self, *checks: str) -> Collection[str]:
        return self.store.acknowledged(self.node, checks)
