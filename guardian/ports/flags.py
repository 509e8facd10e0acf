"""The control flags that a pipeline obeys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

EVERYTHING = "all"
"""The scope of a flag for the whole pipeline; else `agent:NAME` or `kind:NAME`."""


@dataclass(frozen=True)
class Flag:
    """`share` of the usual pace that is left: 0 is a pause, above it a throttle. At most one stands per scope.

    `incident`: it stands for that incident, and is lifted when that is resolved; without one it is a person's word.
    `until` None: until it is lifted.
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
    """A flag that stands no more: a person took it away, or, where `by` is None, its time was over. Kept for a day, and
    for as long as its incident is open."""

    flag: Flag
    by: str | None
    at: datetime


@dataclass(frozen=True)
class Containment:
    """What a containing remedy is told to do (`Check.order`): for whom, and how much of the usual pace is left.
    `lasts` None: until the incident is resolved."""

    scope: str = EVERYTHING
    share: float = 0.0
    lasts: timedelta | None = None


class Flags(Protocol):
    """Raises StoreError where the store is away."""

    def standing(self) -> Sequence[Flag]: ...

    def lifted(self) -> Sequence[Lifted]: ...

    def put(self, flag: Flag) -> bool:
        """A person's flag replaces whatever stands in its scope. One for an incident gives way; it is False, and
        nothing is changed, when one stands that leaves as little or less or is a person's, when a person lifted it for
        this incident before, or when the incident is over."""
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
