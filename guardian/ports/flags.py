"""The control flags that a pipeline obeys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

EVERYTHING = "all"
"""The scope of a flag for the whole pipeline; else `agent:NAME` or `kind:NAME`."""


@dataclass(frozen=True)
class Flag:
    """`share` of the usual pace that is left: 0 is a pause, above it a throttle. At most one stands per scope.

    `incident`: it stands for that incident, and is lifted when that is resolved. `until` None: until it is lifted.
    """

    scope: str
    share: float
    reason: str
    author: str
    since: datetime
    until: datetime | None = None
    incident: str | None = None


@dataclass(frozen=True)
class Lifted:
    """A flag that a person took away before it was over; kept for a day."""

    flag: Flag
    by: str
    at: datetime


class Flags(Protocol):
    """Raises StoreError where the store is away."""

    def standing(self) -> Sequence[Flag]: ...

    def lifted(self) -> Sequence[Lifted]: ...

    def put(self, flag: Flag) -> bool:
        """False when one of the same scope stands that leaves as little or less, or is a person's: nothing changed."""
        ...

    def lift(self, scope: str, by: str, *, incident: str | None = None) -> bool:
        """With `incident`, only the flag that stands for it. False when there was none."""
        ...


class NoFlags:
    """guardian.ports.Flags of a Guardian that only looks."""

    def standing(self) -> Sequence[Flag]:
        return ()

    def lifted(self) -> Sequence[Lifted]:
        return ()

    def put(self, flag: Flag) -> bool:  # noqa: ARG002
        return False

    def lift(self, scope: str, by: str, *, incident: str | None = None) -> bool:  # noqa: ARG002
        return False
