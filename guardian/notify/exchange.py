"""One HTTP exchange within a deadline for the whole of it.

`requests`' own time limit bounds each read only; here a watchdog shuts the connection's socket at the
deadline, whatever the receiver does. Redirects are not followed. The address is a secret: never logged nor
shown, only its host is.
"""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from guardian.errors import DeliveryError
from guardian.notify.retry_after import retry_after
from guardian.sockets import Sockets

_TRY_LATER = frozenset({408, 425, 429})
_NOT_AN_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    UnicodeError,
)

logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # its debug lines hold the address's path


@dataclass(frozen=True)
class Address:
    """`name` begins what is said of it."""

    url: str = field(repr=False)
    name: str

    def call(
        self, method: str, limit: timedelta, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Done when the answer is 2xx. Raises DeliveryError; retryable unless the receiver said that the message
        itself is wrong (4xx) or the address is none."""
        status, wait = self._answer(method, limit, body, headers or {})
        if 200 <= status < 300:  # noqa: PLR2004 - HTTP's classes
            return
        refused = 400 <= status < 500 and status not in _TRY_LATER  # noqa: PLR2004
        moved = ", a redirect, which is not followed" if 300 <= status < 400 else ""  # noqa: PLR2004
        raise self._error(f"answered {status}{moved}", retryable=not refused, retry_after=wait)

    def _answer(
        self, method: str, limit: timedelta, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, timedelta | None]:
        host = _host(self.url)
        if host is None:
            raise DeliveryError(f"{self.name}: the address is not an http or https URL", retryable=False)
        sockets = Sockets()
        answer: Future[tuple[int, timedelta | None]] = Future()

        def exchange() -> None:
            try:
                answer.set_result(_exchange(method, self.url, body, headers, sockets, limit.total_seconds()))
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits
                answer.set_exception(error)

        threading.Thread(target=exchange, name=f"guardian-{self.name}", daemon=True).start()
        try:
            return answer.result(limit.total_seconds())
        except (TimeoutError, requests.Timeout):  # whichever of the two limits was first
            raise self._error(f"no answer within {limit.total_seconds():g} s") from None
        except _NOT_AN_ADDRESS as error:
            raise self._error(f"cannot be addressed ({type(error).__name__})", retryable=False) from None
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._error(f"not reached ({type(error).__name__})") from None  # its text holds the address
        finally:
            sockets.shut()

    def _error(self, reason: str, *, retryable: bool = True, retry_after: timedelta | None = None) -> DeliveryError:
        text = f"{self.name} ({_host(self.url)}): {reason}"
        return DeliveryError(text, retryable=retryable, retry_after=retry_after)


def _host(url: str) -> str | None:
    """The host of an http or https URL, else None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return host if parts.scheme in {"http", "https"} else None


def _exchange(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], sockets: Sockets, seconds: float
) -> tuple[int, timedelta | None]:
    """The status, and when to come again. The receiver's body is not read."""
    with requests.Session() as session:
        session.mount("http://", _Adapter(sockets))
        session.mount("https://", _Adapter(sockets))
        response = session.request(
            method,
            url,
            data=body,
            headers={"User-Agent": "ai-system-guardian", **headers},
            timeout=seconds,
            allow_redirects=False,
            stream=True,
        )
        response.close()
        return response.status_code, retry_after(response.headers.get("Retry-After"), datetime.now(UTC))


class _Adapter(HTTPAdapter):
    """Tells `sockets` of each connection before TLS or a proxy's greeting begins."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _told(pool.ConnectionCls, self._sockets.opened)
        return cast("HTTPConnectionPool", pool)


def _told(connection: type[Any], opened: Callable[[socket.socket], None]) -> type[Any]:
    class Told(connection):  # type: ignore[misc]  # the class is chosen by the pool: http, https, proxy
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            opened(connected)
            return connected

    return Told
