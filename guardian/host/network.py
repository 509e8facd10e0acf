"""guardian.ports.Network on this machine."""

import ssl
import threading
from collections.abc import Collection, Sequence

import psutil

from guardian.errors import SourceError
from guardian.host import knocking
from guardian.host.crowd import together
from guardian.host.listeners import holders
from guardian.ports import Answer, Door, Holder, Knocked, Request


class HostNetwork:
    """For one process."""

    def __init__(self) -> None:
        self._contexts: dict[tuple[str | None, bool], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        return together([knocking.job(door, self._context) for door in doors])

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        if not requests:
            return ()
        from guardian.host import asking  # noqa: PLC0415  requests is loaded only where it is used

        return together([asking.job(request, self._context) for request in requests])

    def holders(self, ports: Collection[int]) -> Sequence[Holder]:
        try:
            return holders(ports)
        except (psutil.Error, OSError) as error:
            raise SourceError("listening ports", f"{type(error).__name__}: {error}") from None

    def _context(self, ca_file: str | None, verify: bool) -> ssl.SSLContext:  # noqa: FBT001  as ssl has it
        """Made once: reading the system's certificates takes 20 ms. Raises OSError."""
        with self._lock:
            made = self._contexts.get((ca_file, verify))
            if made is None:
                made = ssl.create_default_context(cafile=ca_file)
                if not verify:
                    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
                self._contexts[ca_file, verify] = made
            return made
