"""The time of every decision, and where alerts go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is for every decision; tests bring their own."""

    def now(self) -> datetime: ...


@dataclass(frozen=True)
class Notification:
    """A message for a person, ready to be formatted by each channel. `step` is alert, escalation, resolved,
    healed or test."""

    step: str
    incident: str
    title: str
    text: str
    severity: str
    check: str
    target: str
    node: str
    at: datetime
    details: dict[str, object]


class Channel(Protocol):
    """One place where alerts go."""

    @property
    def name(self) -> str: ...

    def send(self, notification: Notification, limit: timedelta) -> None:
        """Deliver within `limit`. Raises DeliveryError."""
        ...
