"""One notification to several channels at once, so that one that hangs holds up none of the others."""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from guardian.errors import DeliveryError
from guardian.ports import Channel, Notification

_GRACE = 1.0
"""Seconds beyond the limit that a channel may take to notice it."""

logger = logging.getLogger(__name__)


def send(channels: Sequence[Channel], notification: Notification, limit: timedelta) -> frozenset[str]:
    """The names of those that have it. Returns in time even when a channel does not keep the limit; what breaks in
    a channel counts as not delivered."""
    done: set[str] = set()
    threads = [
        threading.Thread(target=partial(_one, each, notification, limit, done), daemon=True) for each in channels
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit.total_seconds() + _GRACE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return frozenset(done)


def _one(channel: Channel, notification: Notification, limit: timedelta, done: set[str]) -> None:
    try:
        channel.send(notification, limit)
    except DeliveryError as error:
        logger.warning("%s not told by %s: %s", notification.title, channel.name, error)
    except Exception:
        logger.exception("channel %s is broken", channel.name)
    else:
        done.add(channel.name)
