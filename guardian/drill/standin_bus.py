"""The server side of PM2's bus, `pub.sock`, for the stand-in: each client is told of every event of a process.

Its client: supervisors/pm2/bus.py. Who does not read what is sent is hung up on (PM2's own daemon keeps it in memory).
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from guardian.drill.standin_rpc import frame

_MOST_UNREAD_BYTES = 1024 * 1024


class Bus:
    """Whoever is connected."""

    def __init__(self) -> None:
        self._clients: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What `asyncio.start_unix_server` calls for each client."""
        self._clients.add(writer)
        with suppress(OSError):
            while await reader.read(4096):
                pass
        self._clients.discard(writer)
        writer.close()

    def tell(self, event: str, at_ms: int, process: Mapping[str, Any]) -> None:
        """Never waits."""
        told = {"event": event, "manually": False, "at": at_ms, "process": process}
        whole = frame(b"s:process:event", b"j:" + json.dumps(told).encode())
        for writer in list(self._clients):
            if writer.transport.get_write_buffer_size() > _MOST_UNREAD_BYTES:
                self._clients.discard(writer)
                writer.transport.abort()
            else:
                writer.write(whole)
