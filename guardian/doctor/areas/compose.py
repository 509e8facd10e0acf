"""docker-compose.yml: mistakes in its `.env`, where somebody has one. No value of a secret is shown."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.host.machine import user_name
from guardian.host.rights import Seen, seen
from guardian.model import Severity

_OURS = "name: ai-system-guardian"
_NEEDED = ("GUARDIAN_NODE", "GUARDIAN_UID", "GUARDIAN_GID", "PM2_HOME", "REDIS_PASSWORD", "FLOWER_PASSWORD")
_LARGEST = 1_000_000
_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\n]*))""", re.MULTILINE
)


@dataclass(frozen=True)
class Facts:
    """`settings` are those of `.env`, over which the environment goes. `open`: others than its owner may read it."""

    file: Path
    settings: Mapping[str, str]
    open: bool
    pm2: Seen
    daemon: int | None
    bound: Mapping[str, Seen]


def gather(installation: Installation) -> Facts | None:
    folder = installation.around.compose
    file = folder / ".env"
    if not file.is_file() or _OURS not in _text(folder / "docker-compose.yml"):
        return None
    settings = settings_in(_text(file)) | {key: value for key, value in os.environ.items() if key in _NEEDED and value}
    home = Path(settings.get("PM2_HOME") or "/")
    bound = {"GUARDIAN_TOML": "guardian.toml", "GUARDIAN_STATE": "guardian-state"}
    return Facts(
        file=file,
        settings=settings,
        open=bool(file.stat().st_mode & 0o077),
        pm2=seen(home),
        daemon=seen(home / "rpc.sock").owner,
        bound={key: seen(folder / (settings.get(key) or usual)) for key, usual in bound.items()},
    )


def _text(file: Path) -> str:
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.read(_LARGEST)


def settings_in(text: str) -> dict[str, str]:
    """As Compose reads them, but for what refers to other variables."""
    return {name: double or single or bare.strip() for name, double, single, bare in _LINE.findall(text)}


def _unset(facts: Facts) -> Iterable[Hit]:
    for key in _NEEDED:
        if not facts.settings.get(key):
            yield Hit(f"{facts.file} has no {key}", f"set {key} there (.env.example says what it is)")


def _readable(facts: Facts) -> Iterable[Hit]:
    if facts.open:
        yield Hit(f"{facts.file} can be read by others", f"chmod 600 {facts.file}")


def _password(facts: Facts) -> Iterable[Hit]:
    if not facts.settings.get("REDIS_PASSWORD", "").isalnum() and facts.settings.get("REDIS_PASSWORD"):
        yield Hit("REDIS_PASSWORD has other characters than letters and digits", f"choose another in {facts.file}")


def _home(facts: Facts) -> Iterable[Hit]:
    home = facts.settings.get("PM2_HOME")
    if home and (not home.startswith("/") or not facts.pm2.folder):
        yield Hit(f"PM2_HOME={home} is no folder by its whole path", f"correct PM2_HOME in {facts.file}")


def _user(facts: Facts) -> Iterable[Hit]:
    uid = facts.settings.get("GUARDIAN_UID")
    if uid and facts.settings.get("PM2_HOME") and facts.daemon is not None and uid != str(facts.daemon):
        what = f"GUARDIAN_UID={uid}, and PM2 in {facts.pm2.path} belongs to {user_name(facts.daemon)}"
        yield Hit(what, f"GUARDIAN_UID={facts.daemon} in {facts.file}, and its group as GUARDIAN_GID")


def _bound(facts: Facts) -> Iterable[Hit]:
    uid = facts.settings.get("GUARDIAN_UID")
    for key, place in facts.bound.items():
        if not place.there:
            make = "guardian init" if key == "GUARDIAN_TOML" else f"mkdir {place.path}"
            yield Hit(f"{place.path} is not there", f"{make}, or name another one with {key}")
    state = facts.bound["GUARDIAN_STATE"]
    if state.there and uid and uid != str(state.owner):
        yield Hit(f"{state.path} does not belong to GUARDIAN_UID={uid}", f"sudo chown -R {uid} {state.path}")


def _loopback(facts: Facts) -> Iterable[Hit]:
    try:
        host = urlsplit(facts.settings.get("GUARDIAN_REDIS_URL", "")).hostname
    except ValueError:
        return
    if host in {"127.0.0.1", "localhost", "::1"}:
        what = "GUARDIAN_REDIS_URL names this machine's loopback, which is the container itself in there"
        yield Hit(what, f"take an address that a container reaches, or take the line out of {facts.file}")


AREA = Area(
    "compose",
    gather,
    (
        Rule("compose_unset", Severity.HIGH, "a setting is missing in .env", "docker compose refuses to start",
             _unset),
        Rule("compose_bound", Severity.HIGH, "the configuration or the state folder is missing, or another user's",
             "a container does not start, or cannot write", _bound),
        Rule("compose_home", Severity.HIGH, "PM2_HOME is no folder", "the worker does not start", _home),
        Rule("compose_user", Severity.HIGH, "GUARDIAN_UID is not the owner of the PM2 daemon",
             "PM2's socket is closed to everybody else", _user),
        Rule("compose_password", Severity.HIGH, "REDIS_PASSWORD is more than letters and digits",
             "it becomes part of an address", _password),
        Rule("compose_loopback", Severity.HIGH, "Redis is looked for on the loopback", "no container reaches it",
             _loopback),
        Rule("compose_readable", Severity.HIGH, "others may read .env", "its passwords open Redis and Flower",
             _readable),
    ),
)  # fmt: skip
