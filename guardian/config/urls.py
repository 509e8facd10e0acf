"""Whether an address has the right form, said without showing any part of it: any part may be the secret."""

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import SecretStr

_PASSWORD_HINT = "; `@`, `/`, `?` and `#` in a password are written as %40, %2F, %3F and %23"  # noqa: S105
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9]{1,31}://")
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")


def redis_url(secret: SecretStr) -> SecretStr:
    """As redis-py reads it."""
    parts = _split(secret)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must begin with redis://, rediss:// or unix://")
    if parts.fragment:
        raise ValueError("must not have a `#` in it" + _PASSWORD_HINT)
    if parts.scheme == "unix":
        if len(parts.path) < 2 or parts.netloc.rpartition("@")[2]:  # noqa: PLR2004 - a slash alone is no socket
            raise ValueError("must have the socket's whole path, like unix:///run/redis.sock")
        _database(parse_qs(parts.query, keep_blank_values=True).get("db", ["0"])[-1])
        return secret
    _host_and_port(parts)
    _database(parts.path.removeprefix("/") or "0")
    return secret


def history_url(secret: SecretStr) -> SecretStr:
    """A database as SQLAlchemy reads it."""
    parts = _split(secret)
    if parts.scheme == "sqlite":
        if parts.netloc or len(parts.path) < 2:  # noqa: PLR2004 - a slash alone is no file
            raise ValueError("must name a file, like sqlite:////var/lib/guardian/history.db")
        return secret
    if parts.scheme not in {"postgresql", "postgresql+psycopg"}:
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if parts.fragment:
        raise ValueError("must not have a `#` in it" + _PASSWORD_HINT)
    if len(parts.path) < 2:  # noqa: PLR2004
        raise ValueError("must name a database, like the guardian in postgresql://user@host/guardian")
    if "host=" not in parts.query:
        _host_and_port(parts)
    return secret


def http_url(secret: SecretStr) -> SecretStr:
    """An address to POST to."""
    parts = _split(secret)
    if parts.scheme not in {"http", "https"}:
        raise ValueError("must begin with https:// or http://")
    _host_and_port(parts)
    return secret


def apprise_url(secret: SecretStr) -> SecretStr:
    """Its form alone. Whether Apprise can use it is found out where alerts are sent from: Apprise is slow to load."""
    text = secret.get_secret_value()
    if not text:
        raise ValueError("must not be empty")
    if _UNPRINTABLE.search(text):
        raise ValueError("must not have blanks, tabs or line breaks in it; a blank is written as %20")
    if not _SCHEME.match(text):
        raise ValueError("must begin with a service that Apprise knows, like discord:// or mailto://")
    return secret


def server_url(secret: SecretStr) -> SecretStr:
    """Of a server of the users', as the library reads it that knows its kind: its form alone."""
    parts = _split(secret)
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:\+[a-z][a-z0-9_]*)?", parts.scheme):
        raise ValueError("must begin with its kind, like postgresql://, sqlite:/// or amqp://")
    return secret


def _split(secret: SecretStr) -> SplitResult:
    text = secret.get_secret_value()
    if not text:
        raise ValueError("must not be empty")
    if _UNPRINTABLE.search(text):
        raise ValueError("must not have blanks, tabs or line breaks in it")
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("is no URL that can be read: look at its `[` and `]`") from None


def _host_and_port(parts: SplitResult) -> None:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("its port must be a number up to 65535" + _PASSWORD_HINT) from None
    if port == 0:
        raise ValueError("its port must be 1 or more")
    if not parts.hostname:
        raise ValueError("must have a host")


def _database(number: str) -> None:
    if not re.fullmatch(r"[0-9]{1,9}", number):
        raise ValueError("its database must be a number, like the 0 in redis://127.0.0.1:6379/0" + _PASSWORD_HINT)
