"""What Guardian did, and what people took."""

from collections.abc import Collection, Sequence
from typing import Protocol

from guardian.model import OwnAct


class OwnActs(Protocol):
    """What Guardian did on this node lately."""

    def recent(self) -> Sequence[OwnAct]: ...


class NeverActed:
    """guardian.ports.OwnActs of a Guardian that only looks."""

    def recent(self) -> Sequence[OwnAct]:
        return ()


class Acknowledged(Protocol):
    """What a person took on this node."""

    def targets(self, *checks: str) -> Collection[str]:
        """The targets with an open incident of one of these checks that somebody acknowledged."""
        ...


class NobodyTook:
    """guardian.ports.Acknowledged where there are no people."""

    def targets(self, *_checks: str) -> Collection[str]:
        return ()
