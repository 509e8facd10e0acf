"""Alerts to any service that Apprise knows: Discord, Telegram, Slack, e-mail, and many more.

Nothing of Apprise is loaded here: `Sender` has a child process for it.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from guardian.errors import DeliveryError
from guardian.notify.sender import Sender
from guardian.ports import Notification

_TYPES = {"info": "info", "warning": "warning", "high": "failure", "critical": "failure"}


@dataclass(frozen=True)
class AppriseChannel:
    """`url` is a secret, and in no error nor log. `sender` may be shared by the channels of one process."""

    name: str
    url: str = field(repr=False)
    sender: Sender = field(repr=False, compare=False)

    def send(self, notification: Notification, limit: timedelta) -> None:
        """Raises DeliveryError; not retryable where the receiver refuses this address or this message (4xx; of a mail
        server 5xx). What neither HTTP nor SMTP says is retryable."""
        good = notification.step in {"resolved", "healed"}
        request = {
            "ask": "deliver",
            "url": self.url,
            "title": notification.title,
            "text": notification.text,
            "type": "success" if good else _TYPES.get(notification.severity, "failure"),
        }
        try:
            answer = self.sender.ask(request, limit)
        except DeliveryError as error:
            raise DeliveryError(f"{self.name}: {error}") from None
        if not answer["ok"]:
            wait = answer.get("retry_after")
            raise DeliveryError(
                f"{self.name} ({answer['service']}): {answer['reason']}",
                retryable=bool(answer["retryable"]),
                retry_after=timedelta(seconds=wait) if wait is not None else None,
            )


def address_fault(sender: Sender, url: str, limit: timedelta) -> str | None:
    """Why Apprise cannot use the address, without showing it. None: it can. Raises DeliveryError."""
    fault = sender.ask({"ask": "check", "url": url}, limit)["fault"]
    return str(fault) if fault is not None else None
