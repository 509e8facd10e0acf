"""Every error that Guardian raises on purpose.

An error carries what its catcher needs to choose as fields; the text is for people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


class GuardianError(Exception):
    """Root of the tree: whatever is caught as this was foreseen."""


@dataclass(frozen=True)
class ConfigFault:
    """One mistake in the configuration: where, which key, and why it is refused."""

    file: str
    key: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.reason}" if self.key else f"{self.file}: {self.reason}"


class ConfigError(GuardianError):
    """The configuration is refused. `faults` holds every mistake found, never only the first."""

    def __init__(self, faults: Sequence[ConfigFault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class SourceAbsent(GuardianError):
    """There is nothing to look at (a supervisor that was never here): the check is skipped, not unknown."""


class SourceError(GuardianError):
    """A source could not be read: the verdict is UNKNOWN. `source` becomes the target's name."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class RemedyError(GuardianError):
    """A remedy could not be done. `done` is None where nobody can tell whether it took effect."""

    def __init__(self, reason: str, *, done: bool | None = False) -> None:
        super().__init__(reason)
        self.done = done


class DeliveryError(GuardianError):
    """A notification did not get through. `retryable` says whether trying again soon can help, `retry_after` how long
    the receiver asked to be left alone."""

    def __init__(self, reason: str, *, retryable: bool = True, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retryable = retryable
        self.retry_after = retry_after


class StoreError(GuardianError):
    """Guardian's state store is away, does not answer in time (`silent`), or refuses: an order, or that it holds
    something that this version cannot use."""

    def __init__(self, reason: str, *, fault: Literal["away", "silent", "refuses"] = "refuses") -> None:
        super().__init__(reason)
        self.fault = fault


class HistoryError(GuardianError):
    """The history is away, or holds something that this version cannot use. Healing does not need it."""


class PluginError(GuardianError):
    """A plug-in's module lacks the attribute that its folder asks for."""


class AlreadyRunning(GuardianError):
    """Another Guardian holds this state directory. `pid` is its process where it is known."""

    def __init__(self, state: str, pid: int | None) -> None:
        super().__init__(f"a Guardian is already running in {state}" + (f" (process {pid})" if pid else ""))
        self.pid = pid


class NotRunning(GuardianError):
    """Nothing tells where Redis is: none is configured, and no Guardian runs in the state directory."""
