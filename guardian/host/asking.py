"""One HTTP exchange by `requests`, within one deadline for the whole of it.

`requests`' own time limit bounds each read only: here the crowd shuts the connection's socket at the deadline. Neither
proxies nor logins come from the environment or a .netrc: what is asked is what the configuration says.
"""

import http.client
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import InvalidChunkLength

from guardian.diagnose.plain import brief
from guardian.host.crowd import Job, Line
from guardian.host.knocking import Contexts, Unanswered, addresses, connected, is_own, named
from guardian.ports import Answer, Outcome, Request
from guardian.settings import duration_text, size_text

_CHUNK = 16_384
_SAID = 80
_BEYOND = 5.0
"""A read may take this much longer than the deadline: so that it is always the deadline which ends it."""
_AGENT = "ai-system-guardian"
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass
class _Seen:
    """What is known of the connection, for the answer."""

    local: bool = False
    expires: datetime | None = None


def job(request: Request, contexts: Contexts) -> Job[Answer]:
    seen = _Seen()
    return Job(
        partial(_ask, request, contexts, seen), partial(_late, request, seen), request.limit.total_seconds()
    )  # fmt: skip


def _late(request: Request, seen: _Seen, stage: str) -> Answer:
    unseen = stage.startswith(("looking", "waiting to", "not begun"))
    text = f"no whole answer within {duration_text(request.limit)}: {stage}"
    seconds = request.limit.total_seconds()
    return Answer(Outcome.UNSEEN if unseen else Outcome.TIMED_OUT, text, seconds, local=seen.local)


def _ask(request: Request, contexts: Contexts, seen: _Seen, line: Line) -> Answer:
    began = time.monotonic()
    answer = _followed(request, contexts, seen, line, began + request.limit.total_seconds())
    local = seen.local or (answer.outcome is Outcome.REFUSED and is_own(urlsplit(request.url).hostname or ""))
    return replace(answer, seconds=round(time.monotonic() - began, 3), expires=seen.expires, local=local)


def _followed(request: Request, contexts: Contexts, seen: _Seen, line: Line, end: float) -> Answer:
    """The last answer, as far as redirects are followed. Never raises."""
    met, url = {request.url}, request.url
    try:
        headers = _headers(request)
        while True:
            answer, target = _exchange(replace(request, url=url), headers, contexts, seen, line, end)
            if target is None or request.redirects == 0:
                return answer
            if trouble := _no_further(request, url, target, met):
                return replace(answer, outcome=Outcome.WRONG, said=trouble)
            met.add(target)
            url = target
    except Unanswered as ended:
        return Answer(ended.outcome, ended.said, 0.0)
    except Exception as error:  # noqa: BLE001  whatever the other side makes a library do
        return Answer(*_named(error), 0.0)


def _headers(request: Request) -> dict[str, str]:
    """Raises Unanswered."""
    found = {"User-Agent": _AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    found |= request.headers
    for name, variable in request.secret_headers.items():
        if not (value := os.environ.get(variable)):
            raise Unanswered(Outcome.UNSEEN, f"the environment variable {variable} is not set")
        found[name] = value
    return found


def _no_further(request: Request, url: str, target: str, met: set[str]) -> str | None:
    """Why a redirect is not followed."""
    before, after = urlsplit(url), urlsplit(target)
    if target in met:
        return f"a redirect loop, at {shown(target)}"
    if after.scheme not in _PORTS or before.hostname != after.hostname or _moved(before, after):
        return f"redirects to another host or port, which is not followed: {shown(target)}"
    if before.scheme == "https" and after.scheme == "http":
        return f"redirects from https to http, which is not followed: {shown(target)}"
    return f"more than {request.redirects} redirects" if len(met) > request.redirects else None


def _moved(before: SplitResult, after: SplitResult) -> bool:
    """To another port, which may be another program's: the headers are not for that. From http to https is none."""
    ports = [parts.port or _PORTS[parts.scheme] for parts in (before, after)]
    return ports[0] != ports[1] and ports != list(_PORTS.values())


def shown(url: str) -> str:
    """Without login and query, which may hold secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is none"
    return brief(f"{parts.scheme}://{parts.hostname}{port}{parts.path}", _SAID)


def _exchange(
    request: Request, headers: dict[str, str], contexts: Contexts, seen: _Seen, line: Line, end: float
) -> tuple[Answer, str | None]:
    """The answer to one request, and where it redirects to. Raises whatever goes wrong."""
    prepared = requests.Request(request.method, request.url, headers=headers, data=request.body).prepare()
    adapter = _Adapter(request, contexts, seen, line, end)
    with closing(adapter), closing(adapter.send(prepared, stream=True, timeout=_left(end) + _BEYOND)) as response:
        status, location = response.status_code, response.headers.get("Location")
        target = urljoin(request.url, location) if location and status in _REDIRECTS else None
        wrong = _body(request, response, line)
    shown_target = shown(target) if target else None
    return Answer(Outcome.ANSWERED, "", 0.0, status, wrong, location=shown_target), target


def _body(request: Request, response: requests.Response, line: Line) -> str | None:
    """What is wrong with it. Raises Unanswered where it is too long."""
    got, parts = 0, []
    line.stage = "its body has no end"
    for part in response.iter_content(_CHUNK):
        got += len(part)
        if got > request.most_bytes:
            raise Unanswered(Outcome.WRONG, f"its body is longer than {size_text(request.most_bytes)}")
        if request.examine:
            parts.append(part)
    return request.examine(b"".join(parts)) if request.examine else None


class _Adapter(HTTPAdapter):
    """Makes connections that are told of, within the deadline, and with the given certificates."""

    def __init__(self, request: Request, contexts: Contexts, seen: _Seen, line: Line, end: float) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._request, self._contexts, self._seen, self._line, self._end = request, contexts, seen, line, end
        self._pool: HTTPConnectionPool | None = None

    def get_connection_with_tls_context(self, request: Any, *_: Any, **__: Any) -> HTTPConnectionPool:
        parts = urlsplit(cast("str", request.url))
        host = (parts.hostname or "").strip("[]")
        if parts.scheme == "https":
            context = self._contexts(self._request.ca_file, self._request.verify)
            self._pool = HTTPSConnectionPool(host, parts.port, ssl_context=context, retries=False)
        else:
            self._pool = HTTPConnectionPool(host, parts.port, retries=False)
        self._pool.ConnectionCls = _told(self._pool.ConnectionCls, self._line, self._end, self._seen)
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """The context has it all."""

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
        super().close()


def _told(connection: type[Any], line: Line, end: float, seen: _Seen) -> Any:
    class Told(connection):  # type: ignore[misc]  # the class is the pool's: http or https
        def _new_conn(self) -> socket.socket:
            line.stage = "looking up the name"
            places = addresses(self._dns_host, self.port)
            line.stage = "connecting"
            made = connected(places, end)
            made.settimeout(_left(end) + _BEYOND)
            line.opened(made)
            seen.local = made.getsockname()[0] == made.getpeername()[0]
            line.stage = "it accepts connections, and does not agree on TLS"
            return made

        def connect(self) -> None:
            super().connect()
            line.stage = "it accepts connections, and says nothing"
            if isinstance(self.sock, ssl.SSLSocket):
                seen.expires = _expiry(self.sock)

        def getresponse(self) -> Any:
            if isinstance(self.sock, socket.socket) and not isinstance(self.sock, ssl.SSLSocket):
                self.sock.recv(1, socket.MSG_PEEK)
                line.stage = "its headers have no end"
            return super().getresponse()

    return Told


def _expiry(talk: ssl.SSLSocket) -> datetime | None:
    """Known only of a certificate that was looked at."""
    with suppress(ValueError, TypeError):
        end = (talk.getpeercert() or {}).get("notAfter")
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(end)), UTC) if end else None
    return None


def _named(error: Exception) -> tuple[Outcome, str]:
    """By what lies at the bottom of what a library makes of it."""
    for kind, name in _KINDS:
        for each in _below(error):
            if isinstance(each, kind):
                return name(each)
    return Outcome.UNSEEN, f"could not ask: {type(error).__name__}"


def _below(error: BaseException, depth: int = 6) -> Iterator[BaseException]:
    yield error
    inner = [error.__cause__, error.__context__, getattr(error, "reason", None), *error.args]
    for each in inner if depth else ():
        if isinstance(each, BaseException):
            yield from _below(each, depth - 1)


def _bad_line(error: Any) -> tuple[Outcome, str]:
    return Outcome.WRONG, f"does not speak HTTP: {brief(str(error.args[0]) if error.args else '', _SAID)}"


_KINDS: tuple[tuple[type[BaseException], Callable[[Any], tuple[Outcome, str]]], ...] = (
    (Unanswered, lambda error: (error.outcome, error.said)),
    (ssl.SSLError, named),
    (
        http.client.RemoteDisconnected,
        lambda _: (Outcome.SILENT, "accepts connections, and closes them without an answer"),
    ),
    (http.client.BadStatusLine, _bad_line),
    (InvalidChunkLength, lambda _: (Outcome.WRONG, "its body is malformed")),
    (http.client.IncompleteRead, lambda _: (Outcome.WRONG, "the connection ended in the middle of the body")),
    (http.client.HTTPException, lambda error: (Outcome.WRONG, f"its answer is malformed: {type(error).__name__}")),
    (requests.exceptions.InvalidURL, lambda _: (Outcome.UNSEEN, "the address cannot be used")),
    (requests.exceptions.InvalidHeader, lambda _: (Outcome.UNSEEN, "a header's value cannot be sent")),
    (ConnectionError, named),
    (TimeoutError, named),
    (requests.exceptions.ContentDecodingError, lambda _: (Outcome.WRONG, "its body cannot be decoded")),
    (requests.exceptions.ChunkedEncodingError, lambda _: (Outcome.WRONG, "its body is malformed")),
    (requests.exceptions.ConnectionError, lambda _: (Outcome.WRONG, "its answer is malformed")),
    (requests.exceptions.RequestException, lambda error: (Outcome.UNSEEN, f"could not ask: {type(error).__name__}")),
    (OSError, named),
)
"""The first that fits decides; RequestException is an OSError."""


def _left(end: float) -> float:
    return max(end - time.monotonic(), 0.001)
