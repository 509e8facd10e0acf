"""Alerts as a JSON POST to one address, within a deadline for the whole exchange (see exchange.py)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from guardian.notify.exchange import Address
from guardian.ports import Notification

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Webhook:
    """A receiver. `name` tells it from others in Guardian's records: give each its own."""

    url: str = field(repr=False)
    name: str = "webhook"

    def send(self, notification: Notification, limit: timedelta) -> None:
        """Delivered when the answer is 2xx. Raises DeliveryError."""
        body = json.dumps(payload(notification), ensure_ascii=True).encode()
        key = f"{notification.incident}:{notification.step}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        Address(self.url, self.name).call("POST", limit, body=body, headers=headers)


def payload(notification: Notification) -> Mapping[str, object]:
    """The documented body; `docs/diagnose.md` lists its fields."""
    return {
        "schema_version": SCHEMA_VERSION,
        "step": notification.step,
        "incident": notification.incident,
        "check": notification.check,
        "target": notification.target,
        "node": notification.node,
        "severity": notification.severity,
        "title": notification.title,
        "text": notification.text,
        "at": notification.at.isoformat(),
        "details": notification.details,
    }
