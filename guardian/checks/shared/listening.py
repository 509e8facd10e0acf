"""Who holds a port: what the checks of ports and addresses say of it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from pydantic import WithJsonSchema

from guardian.errors import SourceError
from guardian.model import JSON
from guardian.ports import Holder, Ports
from guardian.settings import text_of

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
EntryName = Annotated[
    str,
    text_of(_NAME, "named by 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit"),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"}),
]
"""What a person calls a port or an address: its target."""

Seen = Sequence[Holder] | None
"""None: it may not be seen."""


def holders(ports: Ports, wanted: Collection[int]) -> Seen:
    """One look at the whole list, which is slow: so none where nothing is wanted."""
    if not wanted:
        return ()
    try:
        return ports.network.holders(wanted)
    except SourceError:
        return None


def of(seen: Seen, port: int) -> Seen:
    return None if seen is None else [each for each in seen if each.port == port]


def described(holder: Holder) -> str:
    if holder.pid is None:
        return "a process of another user"
    since = f", since {holder.since:%Y-%m-%d %H:%M} UTC" if holder.since else ""
    return f"{holder.name} (pid {holder.pid}{since}: {holder.command})"


def nobody(seen: Seen, port: int) -> str:
    """What is said beside `refused` on this machine: who listens, elsewhere on that port, or that nobody does."""
    if seen is None:
        return "who listens cannot be seen"
    if not seen:
        return f"nobody listens on port {port}"
    return f"{described(seen[0])} listens, on {seen[0].address} alone"


def facts(seen: Seen) -> Mapping[str, JSON]:
    if not seen:
        return {}
    return {
        "holders": [
            {
                "address": each.address,
                "pid": each.pid,
                "name": each.name,
                "command": each.command,
                "since": each.since.isoformat() if each.since else None,
            }
            for each in seen
        ]
    }
