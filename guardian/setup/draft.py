"""The first configuration file, out of what was found. Pure; valid TOML whatever names were met."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from glob import escape
from itertools import chain, count

from guardian.diagnose.plain import brief
from guardian.setup.around import Found, SupervisordServer, WebAddress
from guardian.setup.told import told

_MOST = 200
_REMARK = 160
_LONGEST = 1000
_BROKEN = 500
_NO_NAME, _NAME_LENGTH = re.compile(r"[^A-Za-z0-9._-]+"), 40

_HEAD = """\
# Guardian's configuration, written by `guardian init`. Look it over with `guardian config check`; every other key
# stands, with its default, in what `guardian config example` prints."""

_MODE = """\
# `observe`: everything but acting; what would have been healed is shown. `guardian arm` switches the healing on.
mode = "observe\""""

_PROCESS_HEALTH = """\
# Every process of the supervisors above: restarted when it is down, unless it was stopped by hand.
[checks.process_health]"""

_EXPECT = """\
# Take the `#` away to be told as well when one of these is not there at all. One that is deleted on purpose then
# has to be taken out here."""


_WEB = """\
# Web addresses of these processes, as they answered just now. One that answers otherwise, or too late, has its process
# restarted; `restart = [...]` in place of `process` runs a command. A better address is one made for that (/health)."""

_TASKS = """\
# Tasks that stand still. They are only observed until `writers` says how others write: docs/pipelines.md"""

_LOG_ROTATION = """\
# Logs over 15 MB are rotated while their writers keep them open, and no line is lost. `*.log` may stand here.
[checks.log_rotation]"""

_NEXT = """\
# Next, when that is calm: restarts since a person acknowledged, restarts per hour, and oscillation. It never restarts
# anything, and has a process that it holds left alone.
#[checks.restart_anomaly]"""

_ALERTS = """\
# Alerts go to the log. More places, such as Discord, Telegram, Slack or e-mail (docs/alerts.md); `guardian notify test`
# tries them. The address is a secret, so it stands in a file of its own.
#[alerts.channels.ops]
#url_file = "/run/secrets/ops_url\""""


def draft(found: Found) -> str:
    parts = [
        _HEAD,
        "\n".join(["# What was found:", *(_remark(f"  {line}") for line in told(found))]),
        _MODE,
        *_pm2(found),
        *_supervisord(found.supervisord),
        "\n".join([_PROCESS_HEALTH, *_expect(found)]),
        _NEXT,
        *_web(found.web),
        *_log_rotation(found),
        *_tasks(found),
        _ALERTS,
    ]
    return "\n\n".join(parts) + "\n"


def text(value: str) -> str | None:
    """A TOML string; None where TOML cannot hold it (half of a surrogate pair), or nobody would read it."""
    try:
        if len(value.encode()) > _LONGEST:
            return None
    except UnicodeEncodeError:
        return None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Iterable[str]) -> str:
    written = [shown for value in values for shown in [text(value)] if shown is not None]
    return f"[{', '.join(written[:_MOST])}]"


def _remark(words: str) -> str:
    indent = " " * min(len(words) - len(words.lstrip(" ")), 4)
    return f"# {indent}{brief(words, _REMARK)}"


def _pm2(found: Found) -> Iterable[str]:
    if not found.pm2:
        return
    homes = f"homes = {_list(str(home.home) for home in found.pm2)}"
    if all(home.usual for home in found.pm2):
        yield f"# PM2 is found by itself in its usual place.\n#[supervisors.pm2]\n#{homes}"
    else:
        names = "# The processes of the first home keep their names; those of another are `name@HOME`."
        yield f"{names}\n[supervisors.pm2]\n{homes}"


def _supervisord(servers: Sequence[SupervisordServer]) -> Iterable[str]:
    if not servers:
        return
    troubles = [f"{each.address}: {each.fleet.error}" for each in servers if each.fleet.error is not None]
    says = [_remark(f"{trouble} (guardian doctor)") for trouble in troubles]
    login = ['#username = "guardian"', '#password_file = "/run/secrets/supervisord"'] if troubles else []
    sockets = f"sockets = {_list(each.address for each in servers)}"
    if all(each.usual for each in servers):
        found = "# supervisord is found by itself in its usual place."
        yield "\n".join([found, *says, "#[supervisors.supervisord]", f"#{sockets}", *login])
    else:
        names = "# The processes of the first daemon keep their names; those of another are `name@SOCKET`."
        yield "\n".join([names, *says, "[supervisors.supervisord]", sockets, *login])


def _expect(found: Found) -> Iterable[str]:
    names = [process.target for process in found.processes]
    if names:
        yield f"{_EXPECT}\n#expect = {_list(names)}"


def _tasks(found: Found) -> Iterable[str]:
    """One store for each folder of tasks, named after it."""
    stores: list[str] = []
    taken: set[str] = set()
    for folder in found.tasks:
        path, key = text(str(folder.path)), text(folder.key)
        if path is None or key is None:
            continue
        base = _NO_NAME.sub("-", folder.path.name).strip("._-")[:_NAME_LENGTH] or "tasks"
        name = next(each for each in chain([base], (f"{base}-{number}" for number in count(2))) if each not in taken)
        taken.add(name)
        fields = f"\n[pipelines.folder.{json.dumps(name)}.fields]\nstate = {key}" if folder.key != "state" else ""
        stores.append(f"[pipelines.folder.{json.dumps(name)}]\npath = {path}{fields}")
    if stores:
        yield "\n".join([_TASKS, *stores[:_MOST], "[checks.pipeline_stall]"])


def _web(found: Sequence[WebAddress]) -> Iterable[str]:
    """One of each port, and none that is broken now: what is well there is for a person to say."""
    ports = {each.port: each for each in reversed(found) if each.status < _BROKEN}
    names = Counter(_name(each) for each in ports.values())
    if ports:
        yield "\n".join([_WEB, *(_endpoint(ports[port], names) for port in sorted(ports))])


def _name(web: WebAddress) -> str:
    return _NO_NAME.sub("-", web.process).strip("._-")[:_NAME_LENGTH]


def _endpoint(web: WebAddress, names: Mapping[str, int]) -> str:
    """Named after its process; with its port where that is not enough, and for none to be taken for another."""
    name = _name(web)
    plain = bool(name) and names[name] == 1 and not re.search(r"-[0-9]+$", name)
    key = name if plain else f"{name or 'port'}-{web.port}"
    lines = [f"[checks.dashboard_http.endpoints.{json.dumps(key)}]", f"url = {text(web.url)}"]
    if not 200 <= web.status < 300:  # noqa: PLR2004  HTTP's classes
        lines.append(f'status = ["2xx", "{web.status}"]')
    process = text(web.process)
    return "\n".join([*lines, *([f"process = {process}"] if process else [])])


def _log_rotation(found: Found) -> Iterable[str]:
    """supervisord rotates what it writes itself."""
    rotated = {log for server in found.supervisord for process in server.fleet.processes for log in process.logs}
    files = _list(escape(name) for name in _largest(found) if name not in rotated)
    if files != _list(()):
        yield f"{_LOG_ROTATION}\nfiles = {files}"


def _largest(found: Found) -> Sequence[str]:
    return [str(log.path) for log in sorted(found.logs, key=lambda log: -log.bytes)]
