"""The server side of PM2's protocol on `rpc.sock`, for the stand-in. Its client: supervisors/pm2/wire.py.

Calls over one connection are answered in turn. Whoever sends what is no call is hung up on (PM2's own daemon
dies of some), and nobody else notices.
"""

import asyncio
import json
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

_MAX_ARGUMENT_BYTES = 1024 * 1024
_PROTOCOL = 1
_CALL_ARGUMENTS = 2

Do = Callable[[str, object], Awaitable[object]]
"""(method, argument) -> the answer, as JSON. Raises Refused."""


class Refused(Exception):  # noqa: N818  the adapter's word for the same
    """A call that is understood and not done. The text is PM2's own."""


class _NoCall(Exception):  # noqa: N818  as above
    pass


def server(do: Do) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """What `asyncio.start_unix_server` calls for each client."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(_NoCall, EOFError, OSError):
            while True:
                method, argument, identity = _call(await _read_frame(reader))
                answer = await _answer(do, method, argument)
                writer.write(frame(b"j:" + json.dumps(answer).encode(), identity))
                await writer.drain()
        writer.close()

    return serve


async def _answer(do: Do, method: str, argument: object) -> Mapping[str, object]:
    try:
        return {"args": [await do(method, argument)]}
    except Refused as refusal:
        return {"error": str(refusal), "stack": ""}


async def _read_frame(reader: asyncio.StreamReader) -> Sequence[bytes]:
    head = (await reader.readexactly(1))[0]
    if head >> 4 != _PROTOCOL:
        raise _NoCall
    arguments = []
    for _ in range(head & 0x0F):
        (size,) = struct.unpack(">I", await reader.readexactly(4))
        if size > _MAX_ARGUMENT_BYTES:
            raise _NoCall
        arguments.append(await reader.readexactly(size))
    return arguments


def _call(arguments: Sequence[bytes]) -> tuple[str, object, bytes]:
    """Method, its one argument, and the correlation id that the answer echoes."""
    if len(arguments) != _CALL_ARGUMENTS or not arguments[0].startswith(b"j:"):
        raise _NoCall
    try:
        match json.loads(arguments[0][2:]):
            case {"type": "call", "method": str(method), "args": [argument]}:
                return method, argument, arguments[1]
    except (ValueError, RecursionError):
        pass
    raise _NoCall


def frame(*arguments: bytes) -> bytes:
    head = bytes([_PROTOCOL << 4 | len(arguments)])
    return head + b"".join(struct.pack(">I", len(argument)) + argument for argument in arguments)
