"""The call to somebody outside who notices when it does not come (Healthchecks and its like)."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guardian.errors import DeliveryError
from guardian.notify.exchange import Address

_AGAIN = timedelta(seconds=15)
"""After a call that failed: whoever waits for it has little patience beyond its period."""

logger = logging.getLogger(__name__)


@dataclass
class Ping:
    """Keeps when it is due. Says once that it fails, and once that it gets through again."""

    address: Address
    every: timedelta
    limit: timedelta
    _due: datetime | None = field(default=None, init=False)
    _failing: bool = field(default=False, init=False)

    def well(self, now: datetime) -> None:
        """All is well: call if it is time. Bounded by `limit` as a whole; raises nothing."""
        if self._due is not None and now < self._due:
            return
        try:
            self.address.call("GET", self.limit)
        except DeliveryError as error:
            if not self._failing:
                logger.warning("%s", error)
            self._failing, self._due = True, now + min(_AGAIN, self.every)
        else:
            if self._failing:
                logger.info("%s gets through again", self.address.name)
            self._failing, self._due = False, now + self.every
