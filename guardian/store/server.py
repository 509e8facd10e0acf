"""The Redis-protocol server itself: how it is set up, for whoever looks for mistakes."""

import re
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_SECONDS = 3
_LOOPBACK = re.compile(r"-?(127\.[\d.]+|::1|localhost)")


class Trouble(StrEnum):
    """Why it could not be asked."""

    AWAY = "away"
    PASSWORD = "password"  # noqa: S105  no password
    LOADING = "loading"


@dataclass(frozen=True)
class ServerFacts:
    """What a server says of itself. None: it does not say. `offset`: its clock less this machine's. `exposed`: others
    than this machine reach it without a password."""

    trouble: Trouble | None = None
    reason: str = ""
    version: tuple[int, ...] | None = None
    policy: str | None = None
    used_bytes: int = 0
    limit_bytes: int = 0
    appends: bool | None = None
    saves: bool | None = None
    exposed: bool | None = None
    offset: timedelta | None = None


def inspect(url: str) -> ServerFacts:
    """Never raises because of the server."""
    try:
        with closing(_connected(url)) as server:
            offset = _offset(server)
            return _facts(server.info(), _settings(server), offset)
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as error:
        return ServerFacts(Trouble.PASSWORD, str(error))
    except redis.BusyLoadingError as error:
        return ServerFacts(Trouble.LOADING, str(error))
    except redis.RedisError as error:
        if str(error).startswith(("NOAUTH", "WRONGPASS")):
            return ServerFacts(Trouble.PASSWORD, str(error))
        return ServerFacts(Trouble.AWAY, str(error))


def _connected(url: str) -> Any:
    """More impatient than whoever needs the server."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=_SECONDS,
        socket_timeout=_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def _offset(server: Any) -> timedelta:
    before = datetime.now(UTC)
    seconds, micros = server.time()
    after = datetime.now(UTC)
    return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros) - (before + (after - before) / 2)


def _settings(server: Any) -> Mapping[str, str]:
    """Hosted servers refuse to tell."""
    with suppress(redis.ResponseError):
        return dict(server.config_get("save", "bind", "port", "tls-port", "protected-mode", "requirepass"))
    return {}


def _facts(info: Mapping[str, Any], settings: Mapping[str, str], offset: timedelta) -> ServerFacts:
    return ServerFacts(
        version=_version(str(info.get("redis_version", ""))),
        policy=info.get("maxmemory_policy"),
        used_bytes=int(info.get("used_memory", 0)),
        limit_bytes=int(info.get("maxmemory", 0)),
        appends=bool(info["aof_enabled"]) if "aof_enabled" in info else None,
        saves=bool(settings["save"].strip()) if "save" in settings else None,
        exposed=_exposed(settings),
        offset=offset,
    )


def _version(text: str) -> tuple[int, ...] | None:
    numbers = [int(part) for part in re.findall(r"\d+", text)[:3]]
    return tuple(numbers) or None


def _exposed(settings: Mapping[str, str]) -> bool | None:
    if "protected-mode" not in settings:
        return None
    listens = settings.get("port", "0") != "0" or settings.get("tls-port", "0") != "0"
    addresses = settings.get("bind", "").split() or ["*"]
    outside = any(not _LOOPBACK.fullmatch(address) for address in addresses)
    guarded = settings["protected-mode"] == "yes" or bool(settings.get("requirepass"))
    return listens and outside and not guarded
