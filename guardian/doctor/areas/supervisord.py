"""supervisord: a socket that is dead or that cannot be used, in the usual places and where it is configured."""

import errno
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.host.machine import user_name
from guardian.host.rights import seen
from guardian.model import Severity

_SECONDS = 2.0


@dataclass(frozen=True)
class SocketFacts:
    path: Path
    owner: int | None
    usable: bool
    dead: bool


@dataclass(frozen=True)
class Facts:
    user: int
    sockets: Sequence[SocketFacts]


def gather(installation: Installation) -> Facts:
    written = getattr(installation.config.supervisors.get("supervisord"), "sockets", ())
    configured = [Path(each.removeprefix("unix://")) for each in written if each.startswith(("/", "unix://"))]
    places = {place.resolve(): place for place in (*installation.around.supervisord_places, *configured)}
    return Facts(installation.around.user(), [found for place in places.values() for found in _socket(place)])


def _socket(path: Path) -> Iterable[SocketFacts]:
    known = seen(path)
    if known.socket:
        yield SocketFacts(path, known.owner, known.writable, dead=known.writable and _refuses(path))


def _refuses(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(_SECONDS)
        return line.connect_ex(str(path)) == errno.ECONNREFUSED


def _forbidden(facts: Facts) -> Iterable[Hit]:
    for each in facts.sockets:
        if not each.usable:
            name, owner = user_name(facts.user), user_name(each.owner if each.owner is not None else -1)
            mend = f"set chmod and chown in its [unix_http_server], or: sudo -u {owner} guardian up"
            yield Hit(f"{name} may not use supervisord's socket {each.path} of {owner}", mend)


def _dead(facts: Facts) -> Iterable[Hit]:
    for each in facts.sockets:
        if each.dead:
            yield Hit(f"supervisord is dead: nobody listens on {each.path}", "start supervisord")


AREA = Area(
    "supervisord",
    gather,
    (
        Rule("supervisord_rights", Severity.HIGH, "its socket is another user's", "nothing can be seen or restarted",
             _forbidden),
        Rule("supervisord_dead", Severity.HIGH, "its socket is there, and nobody listens",
             "its processes run on without anybody who restarts them", _dead),
    ),
)  # fmt: skip
