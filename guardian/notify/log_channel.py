"""Alerts as records of the Python logger `guardian.alerts`: the channel that is always there."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from guardian.ports import Notification

_LOG = logging.getLogger("guardian.alerts")
_LEVELS = {
    "info": logging.INFO,
    "warning": logging.WARNING,
    "high": logging.ERROR,
    "critical": logging.CRITICAL,
}


@dataclass(frozen=True)
class LogChannel:
    """One record a notification, its text on the lines below the title."""

    name: str = "log"

    def send(self, notification: Notification, limit: timedelta) -> None:  # noqa: ARG002 - the port's; nothing waits
        _LOG.log(
            _LEVELS.get(notification.severity, logging.ERROR),
            "%s [%s, incident %s]\n%s",
            notification.title,
            notification.step,
            notification.incident,
            notification.text,
            extra={"step": notification.step, "incident": notification.incident},
        )
