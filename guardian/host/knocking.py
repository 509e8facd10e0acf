"""One TCP connection: how it ends, told apart, within one deadline."""

import errno
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from guardian.diagnose.plain import brief
from guardian.host.crowd import Job, Line
from guardian.ports import Door, Knocked, Outcome
from guardian.settings import duration_text

Contexts = Callable[[str | None, bool], ssl.SSLContext]
"""Of a file with certificates to trust, and whether they are looked at; made once, since that is slow."""

Place = tuple[socket.AddressFamily, tuple[Any, ...]]
"""A family, and an address of it as its sockets take it."""

_MOST_ADDRESSES = 4
_MOST_BYTES = 65_536
_SAID = 80
_SLACK = 0.25
"""Beyond a job's own limits, before it is ended from outside."""
_RESET = {errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED}
_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL}


class Unanswered(Exception):  # noqa: N818  named for what happened
    """The connection came to nothing."""

    def __init__(self, outcome: Outcome, said: str) -> None:
        super().__init__(said)
        self.outcome = outcome
        self.said = said


def job(door: Door, contexts: Contexts) -> Job[Knocked]:
    limit = door.limit.total_seconds()
    return Job(partial(_knock, door, contexts), partial(_late, door), limit + _SLACK)


def _late(door: Door, stage: str) -> Knocked:
    outcome = Outcome.TIMED_OUT if stage.startswith("connect") else Outcome.UNSEEN
    return Knocked(outcome, f"not done within {duration_text(door.limit)}: {stage}", door.limit.total_seconds())


def _knock(door: Door, contexts: Contexts, line: Line) -> Knocked:
    began = time.monotonic()
    end = began + door.limit.total_seconds()
    local = False
    try:
        line.stage = "looking up the name"
        with connected(addresses(door.host, door.port), end) as raw:
            line.opened(raw)
            local = raw.getsockname()[0] == raw.getpeername()[0]
            said = _talk(door, raw, contexts, end)
        outcome = Outcome.ANSWERED
    except Unanswered as ended:
        outcome, said = ended.outcome, ended.said
        local = local or (outcome is Outcome.REFUSED and is_own(door.host))
    except Exception as error:  # noqa: BLE001  whatever the other side makes a library do
        outcome, said = named(error)
    return Knocked(outcome, said, round(time.monotonic() - began, 3), local)


def _talk(door: Door, raw: socket.socket, contexts: Contexts, end: float) -> str:
    """What it said. Raises Unanswered, OSError."""
    raw.settimeout(_left(end))
    try:
        talk = _tls(door, raw, contexts) if door.tls else raw
        if door.send:
            talk.sendall(door.send)
        return _heard(door, talk, end) if door.expect else ""
    except TimeoutError:
        text = f"accepts connections, and is then silent for {duration_text(door.limit)}"
        raise Unanswered(Outcome.SILENT, text) from None


def _tls(door: Door, raw: socket.socket, contexts: Contexts) -> socket.socket:
    return contexts(door.ca_file, door.verify).wrap_socket(raw, server_hostname=door.host)


def _heard(door: Door, talk: socket.socket, end: float) -> str:
    got = b""
    while door.expect not in got and len(got) < _MOST_BYTES:
        talk.settimeout(_left(end))
        try:
            part = talk.recv(4096)
        except TimeoutError:
            if not got:
                raise
            break
        if not part:
            break
        got += part
    if door.expect in got:
        return brief(got.split(b"\n")[0].decode(errors="replace"), _SAID)
    if not got:
        raise Unanswered(Outcome.SILENT, "accepts connections, and closes them without a word")
    raise Unanswered(Outcome.WRONG, f"answers something else: {brief(got[:200].decode(errors='replace'), _SAID)}")


def addresses(host: str, port: int) -> Sequence[Place]:
    """Raises Unanswered."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise Unanswered(Outcome.NO_SUCH_NAME, "there is no such name in the DNS") from None
        raise Unanswered(Outcome.UNSEEN, f"the name cannot be looked up: {error.strerror}") from None
    except (UnicodeError, OSError) as error:
        raise Unanswered(Outcome.NO_SUCH_NAME, f"the name cannot be looked up: {error}") from None
    return [(family, place) for family, _, _, _, place in found][:_MOST_ADDRESSES]


def connected(places: Sequence[Place], end: float) -> socket.socket:
    """The first that answers; a silent one leaves the next its share of the time. Raises Unanswered."""
    trouble = Unanswered(Outcome.NO_SUCH_NAME, "the name has no address")
    for tried, (family, place) in enumerate(places):
        try:
            made = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            trouble = Unanswered(*named(error))
            continue
        made.settimeout(max(_left(end) / (len(places) - tried), 0.001))
        try:
            made.connect(place)
        except OSError as error:
            made.close()
            trouble = Unanswered(*named(error))
            continue
        return made
    raise trouble


def named(error: Exception) -> tuple[Outcome, str]:
    """A failed connection in words."""
    number = getattr(error, "errno", None)
    match error:
        case ssl.SSLError():
            return Outcome.TLS, _tls_trouble(error)
        case TimeoutError():
            return Outcome.TIMED_OUT, "no answer to the connection in time: filtered, or the host is down"
        case ConnectionRefusedError():
            return Outcome.REFUSED, "refused"
        case OSError() if number in _RESET:
            return Outcome.RESET, "it resets the connection"
        case OSError() if number in _UNREACHABLE:
            return Outcome.UNREACHABLE, f"unreachable: {(error.strerror or str(error)).lower()}"
    return Outcome.UNSEEN, f"could not look: {type(error).__name__}: {brief(str(error), _SAID)}"


def _tls_trouble(error: ssl.SSLError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is refused: {error.verify_message}"
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "it ends the connection while TLS is agreed on"
    return f"no TLS: {brief(str(error.reason or error), _SAID).replace('_', ' ').lower()}"


def is_own(host: str) -> bool:
    """Whether it is an address of this machine: a port of it can be taken."""
    with suppress(Unanswered, OSError):
        family, place = addresses(host, 0)[0]
        with socket.socket(family, socket.SOCK_STREAM) as made:
            made.bind((place[0], 0))
            return True
    return False


def _left(end: float) -> float:
    return max(end - time.monotonic(), 0.001)
